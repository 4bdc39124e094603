//! A task that the database refuses, for a reason that this program does not know.

use wsa::domain::task::ObjectId;

use super::place::Place;

impl Place {
    /// From now on each payment of this object breaks a constraint.
    pub async fn spoil_payments_of(&self, object: ObjectId) {
        self.spoil("INSERT ON payments", object).await;
    }

    /// From now on whoever writes into a task of this object breaks a constraint.
    pub async fn spoil_tasks_of(&self, object: ObjectId) {
        self.spoil("UPDATE ON tasks", object).await;
    }

    async fn spoil(&self, what: &str, object: ObjectId) {
        let statements: Vec<String> = match self {
            Place::Sqlite(_) => vec![
                "CREATE TABLE spoil (x INTEGER PRIMARY KEY)".into(),
                "INSERT INTO spoil VALUES (1)".into(),
                format!(
                    "CREATE TRIGGER spoil BEFORE {what} WHEN new.object_id = {object}
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
                format!("CREATE TRIGGER spoil BEFORE {what} FOR EACH ROW EXECUTE FUNCTION spoil()"),
            ],
        };
        for statement in statements {
            self.execute(&statement).await.unwrap();
        }
    }
}
