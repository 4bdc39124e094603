//! A task that the database refuses, for a reason that this program does not know.

use wsa::task::ObjectId;

use super::place::Place;

impl Place {
    /// From now on each payment of this object breaks a constraint.
    pub async fn spoil_payments_of(&self, object: ObjectId) {
        let statements: Vec<String> = match self {
            Place::Sqlite(_) => vec![
                "CREATE TABLE spoil (x INTEGER PRIMARY KEY)".into(),
                "INSERT INTO spoil VALUES (1)".into(),
                format!(
                    "CREATE TRIGGER spoil BEFORE INSERT ON payments WHEN new.object_id = {object}
                     BEGIN INSERT INTO spoil VALUES (1); END"
                ),
            ],
            Place::Postgres(_) => vec![
                "CREATE TABLE spoil (x bigint PRIMARY KEY)".into(),
                "INSERT INTO spoil VALUES (1)".into(),
                format!(
                    "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                         IF new.object_id = {object} THEN INSERT INTO spoil VALUES (1); END IF;
                         RETURN new; END $$"
                ),
                "CREATE TRIGGER spoil BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION spoil()"
                    .into(),
            ],
        };
        for statement in statements {
            self.execute(&statement).await.unwrap();
        }
    }
}
