//! Who calls: a caller opens its own protocol, and no other. Which one that is, the protocols' tables of callers say.

use std::collections::HashMap;

use subtle::ConstantTimeEq;

use super::reference::{Aggregator, read_aggregator};
use super::{Store, StoreError};
use crate::database::row;
use crate::domain::token::TokenHash;

impl Store {
    /// Which callers of these protocols have these tokens: a token opens its own protocol only. Looked up by hash,
    /// then compared in constant time: neither the look-up nor the comparison tells how much of a guess was right.
    pub async fn find_aggregators(
        &self,
        asked: &[(TokenHash, &'static str)],
    ) -> Result<HashMap<(TokenHash, &'static str), Aggregator>, StoreError> {
        let rows = asked.iter().map(|(hash, protocol)| row![hash.0.to_vec(), *protocol]).collect();
        let mut found = HashMap::new();
        for mut row in self.db.run(&self.protocols.callers().by_token, rows).await? {
            let (stored, protocol): (Vec<u8>, String) =
                (row.get("token_hash")?, row.get("protocol")?);
            let is_it = |(hash, of): &&(TokenHash, &'static str)| {
                bool::from(hash.0[..].ct_eq(&stored)) && *of == protocol
            };
            if let Some(one) = asked.iter().find(is_it) {
                found.insert(*one, read_aggregator(&mut row)?);
            }
        }
        Ok(found)
    }
}
