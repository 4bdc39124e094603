//! Values as PostgreSQL takes and gives them.

use bytes::BytesMut;
use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type as PgType, to_sql_checked};

use crate::database::StoreError;
use crate::database::value::Value;
use crate::database::value::{Names, Row};
use crate::domain::money::Money;

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &PgType,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(n) => n.to_sql_checked(ty, out),
            Value::Bool(b) => b.to_sql_checked(ty, out),
            Value::Text(s) => s.to_sql_checked(ty, out),
            Value::Bytes(b) => b.to_sql_checked(ty, out),
            Value::Uuid(u) => u.to_sql_checked(ty, out),
            Value::Money(m) => Decimal::from(*m).to_sql_checked(ty, out),
            Value::Time(t) => t.to_sql_checked(ty, out),
        }
    }

    // Each value checks its own type when it is written.
    fn accepts(_: &PgType) -> bool {
        true
    }

    to_sql_checked!();
}

/// What a statement is sent with: a value of the only row, or a column of the rows.
#[derive(Debug)]
pub(super) enum Parameter {
    Value(Value),
    Column(Vec<Value>),
}

impl ToSql for Parameter {
    fn to_sql(
        &self,
        ty: &PgType,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Parameter::Value(value) => value.to_sql(ty, out),
            Parameter::Column(values) => values.to_sql(ty, out),
        }
    }

    fn accepts(_: &PgType) -> bool {
        true
    }

    to_sql_checked!();
}

pub(super) fn read_row(row: &tokio_postgres::Row, names: &Names) -> Result<Row, StoreError> {
    fn column<'a, T: FromSql<'a>>(
        row: &'a tokio_postgres::Row,
        index: usize,
        wrap: impl Fn(T) -> Value,
    ) -> Result<Value, StoreError> {
        let value: Option<T> = row.try_get(index).map_err(|e| StoreError::Refused(Box::new(e)))?;
        Ok(value.map_or(Value::Null, wrap))
    }
    let values = row.columns().iter().enumerate().map(|(i, c)| match *c.type_() {
        PgType::INT8 => column(row, i, Value::Int),
        PgType::INT4 => column(row, i, |n: i32| Value::Int(n.into())),
        PgType::BOOL => column(row, i, Value::Bool),
        PgType::TEXT => column(row, i, Value::Text),
        PgType::BYTEA => column(row, i, Value::Bytes),
        PgType::UUID => column(row, i, Value::Uuid),
        PgType::TIMESTAMPTZ => column(row, i, |t: Timestamp| Value::Time(t)),
        PgType::NUMERIC => {
            let number: Option<Decimal> =
                row.try_get(i).map_err(|e| StoreError::Refused(Box::new(e)))?;
            let Some(number) = number else { return Ok(Value::Null) };
            Money::try_from(number).map(Value::Money).map_err(|rule| {
                StoreError::Corrupt(format!("{} is not an amount: {rule}", c.name()))
            })
        }
        ref other => Err(StoreError::Corrupt(format!("{} is of type {other}", c.name()))),
    });
    let values = values.map(|value| value.map(Some)).collect::<Result<_, _>>()?;
    Ok(Row::new(names, values))
}
