//! Writes that go to the server as one statement, so that what a statement costs beside its work is paid once.
//!
//! The parts of one statement see the tables as they were before it. So writes are put together only where none of
//! them can tell: each writes a table that no other one names.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::database::write::{Wants, Write};
use crate::database::{Rows, Shape, Statement};

/// The column that says of a row that one of the writes gave it.
pub(super) const GIVEN: &str = "wsa_given";

/// Writes that are sent as one, in their order.
#[derive(Debug)]
pub(super) struct Together {
    pub(super) parts: Vec<(&'static Statement, Wants)>,
    pub(super) rows: Vec<Rows>,
}

impl Together {
    /// Puts together what follows each other and can be.
    pub(super) fn of(writes: Vec<Write>) -> Vec<Together> {
        let mut all: Vec<Together> = Vec::with_capacity(writes.len());
        for Write { statement, rows, wants } in writes {
            let part = (statement, wants);
            match all.last_mut() {
                Some(last) if last.takes(part) => {
                    last.parts.push(part);
                    last.rows.push(rows);
                }
                _ => all.push(Together { parts: vec![part], rows: vec![rows] }),
            }
        }
        all
    }

    /// A look, alone.
    pub(super) fn look(statement: &'static Statement, rows: Rows) -> Together {
        Together { parts: vec![(statement, Wants::Rows)], rows: vec![rows] }
    }

    /// One row where each of them has one.
    pub(super) fn shape(&self) -> Shape {
        let is_row = |rows: &Rows| Shape::of(rows.len()) == Shape::Row;
        if self.rows.iter().all(is_row) { Shape::Row } else { Shape::Rows }
    }

    /// Whether one of several gives rows: then they are those that are marked.
    pub(super) fn marks_rows(&self) -> bool {
        self.parts.len() > 1 && self.wants_rows()
    }

    /// Whether any of them is to give rows.
    pub(super) fn wants_rows(&self) -> bool {
        self.parts.iter().any(|(_, wants)| *wants == Wants::Rows)
    }

    fn takes(&self, (statement, wants): (&'static Statement, Wants)) -> bool {
        let apart = |(other, _): &(&'static Statement, Wants)| {
            let (Some(one), Some(two)) = (statement.target(), other.target()) else { return false };
            !other.names(one) && !statement.names(two)
        };
        !(wants == Wants::Rows && self.wants_rows()) && self.parts.iter().all(apart)
    }
}

/// The texts of what was put together, made once.
#[derive(Debug, Default)]
pub(super) struct Texts(Mutex<HashMap<Name, &'static str>>);

/// What a text is of: the shape of its batches, and its parts. A statement is a `static`, or is kept as long as one: its
/// address is its name.
type Name = (Shape, Vec<(usize, Wants)>);

impl Texts {
    /// The text of these. There are as many as there are ways in which the program writes, so they are kept for ever.
    pub(super) fn of(&self, together: &Together) -> &'static str {
        let shape = together.shape();
        if let [(statement, wants)] = together.parts[..] {
            return match wants {
                Wants::Each => statement.postgres_each(shape),
                Wants::Any | Wants::Rows => statement.postgres(shape),
            };
        }
        let name = |(statement, wants): &(&'static Statement, Wants)| {
            (std::ptr::from_ref(*statement) as usize, *wants)
        };
        let names = together.parts.iter().map(name).collect();
        // Each text is put in whole, so a panic elsewhere does not spoil the others.
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || &*Box::leak(text(&together.parts, shape).into_boxed_str());
        texts.entry((shape, names)).or_insert_with(make)
    }
}

fn text(parts: &[(&'static Statement, Wants)], shape: Shape) -> String {
    let (mut written, mut whole, mut given) = (Vec::new(), Vec::new(), None);
    let mut parameter = 1;
    for (number, (statement, wants)) in parts.iter().enumerate() {
        let part = statement.postgres_part(shape, parameter);
        let counted = *wants == Wants::Each && !statement.puts_each();
        let returning = if counted { " RETURNING 1" } else { "" };
        written.push(format!("written{number} AS ({part}{returning})"));
        if counted {
            let asked = shape.count(parameter);
            whole.push(format!(
                "(SELECT CASE WHEN count(*) <> {asked} THEN wsa_refuse_part(count(*), {asked}) END \
                 FROM written{number}) AS whole{number}"
            ));
        }
        if *wants == Wants::Rows {
            given = Some(number);
        }
        parameter += statement.columns().len();
    }
    if whole.is_empty() {
        whole.push("NULL::boolean AS whole".to_owned());
    }
    let (written, whole) = (written.join(", "), whole.join(", "));
    match given {
        None => format!("WITH {written} SELECT {whole}"),
        // Also where no row is given, there is one in which it is seen whether the others were written whole.
        Some(number) => format!(
            "WITH {written} SELECT whole.*, given.* FROM (SELECT {whole}) AS whole \
             LEFT JOIN (SELECT true AS {GIVEN}, * FROM written{number}) AS given ON true"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Type, Value, row};

    static PAY: Statement = Statement::write(
        &[("order_id", Type::Int), ("paid", Type::Money)],
        "UPDATE orders SET paid = b.paid FROM batch b {these orders: order_id}",
    );
    static ENTER: Statement = Statement::insert("payments", &[("order_id", Type::Int)], "");
    static TELL: Statement = Statement::write(
        &[("order_id", Type::Int)],
        "INSERT INTO letters (order_id) SELECT order_id FROM batch RETURNING letter_id",
    );
    static COUNT: Statement = Statement::write(
        &[("order_id", Type::Int)],
        "UPDATE totals SET paid = (SELECT sum(paid) FROM orders WHERE orders.order_id = totals.order_id)",
    );

    fn together(writes: Vec<Write>) -> Vec<Together> {
        Together::of(writes)
    }

    fn sizes(writes: Vec<Write>) -> Vec<usize> {
        together(writes).iter().map(|one| one.parts.len()).collect()
    }

    #[test]
    fn writes_of_tables_that_the_others_do_not_name_go_together() {
        let pay = || Write::each(&PAY, vec![row![1_i64, None::<i64>]]);
        let enter = || Write::each(&ENTER, vec![row![1_i64]]);
        let tell = || Write::with_rows(&TELL, vec![row![1_i64]]);
        let count = || Write::any(&COUNT, vec![row![1_i64]]);
        assert_eq!(sizes(vec![pay(), enter(), tell()]), [3]);
        assert_eq!(sizes(vec![pay(), pay()]), [1, 1], "the second sees what the first wrote");
        assert_eq!(sizes(vec![pay(), count(), enter()]), [1, 2], "it reads what the first wrote");
        assert_eq!(sizes(vec![count(), pay()]), [1, 1], "nor is its past read by the first");
        assert_eq!(sizes(vec![tell(), enter(), tell()]), [2, 1], "one of them may give rows");
        assert!(together(Vec::new()).is_empty());
    }

    fn paid_and_told(rows: usize) -> Together {
        let of = |row: Vec<Value>| vec![row; rows];
        let writes = vec![
            Write::each(&ENTER, of(row![1_i64])),
            Write::each(&PAY, of(row![1_i64, None::<i64>])),
            Write::with_rows(&TELL, of(row![1_i64])),
        ];
        together(writes).remove(0)
    }

    #[test]
    fn each_part_counts_its_own_rows() {
        let (texts, all) = (Texts::default(), paid_and_told(2));
        let text = texts.of(&all);
        for part in [
            "written0 AS (WITH batch (order_id) AS (SELECT * FROM unnest($1::bigint[])) INSERT INTO payments",
            "written1 AS (WITH batch (order_id, paid) AS (SELECT * FROM unnest($2::bigint[], $3::numeric[])) UPDATE",
            "(SELECT CASE WHEN count(*) <> cardinality($2) THEN wsa_refuse_part(count(*), cardinality($2)) END FROM written1)",
            "unnest($4::bigint[])",
            "LEFT JOIN (SELECT true AS wsa_given, * FROM written2) AS given ON true",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("whole0"), "a plain insert puts in each row, or fails: {text}");
        assert_eq!(texts.of(&all).as_ptr(), text.as_ptr(), "it is made once");
        assert!(all.marks_rows());
    }

    #[test]
    fn parts_of_one_row_each_are_sent_as_values() {
        let (texts, all) = (Texts::default(), paid_and_told(1));
        let text = texts.of(&all);
        for part in [
            "WITH batch (order_id, paid) AS NOT MATERIALIZED (SELECT $2::bigint, $3::numeric) UPDATE",
            "(SELECT CASE WHEN count(*) <> 1 THEN wsa_refuse_part(count(*), 1) END FROM written1)",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert_ne!(texts.of(&paid_and_told(2)), text, "the same parts, of another shape");
        let mut uneven = paid_and_told(1);
        uneven.rows[2] = vec![row![1_i64]; 2];
        assert!(texts.of(&uneven).contains("unnest($4::bigint[])"), "all parts have one shape");
    }
}
