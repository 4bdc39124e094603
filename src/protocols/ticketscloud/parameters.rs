//! Every parameter of a URL and every field of a body that the vendor's pages have, and what becomes of it. A request is
//! read by this table, and the documentation has it from here.

mod bodies;
mod given;
mod urls;

pub use self::bodies::*;
pub use self::given::{Given, LARGEST_PAGE, LAST_PAGE, MOST_TICKETS_SHOWN, PAGE, moment};
pub use self::urls::*;

use crate::web::parameters::REQUESTS;
pub use crate::web::parameters::{Parameter, Place, Use};

/// The table, as the documentation has it.
pub fn table() -> String {
    crate::web::parameters::table(REQUESTS, URLS.iter().chain(BODIES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_table() {
        let page = include_str!("../../../docs/ticketscloud-parameters.md");
        assert!(page.contains(&table()), "docs/ticketscloud-parameters.md must have:\n{}", table());
    }

    #[test]
    fn what_is_not_honoured_is_named() {
        assert_eq!(EVENTS.refusal("org"), None);
        let refused = EVENTS.refusal("filter").unwrap();
        assert!(refused.starts_with("filter: it is refused: "), "{refused}");
        let unknown = EVENTS.refusal("colour").unwrap();
        assert!(unknown.starts_with("colour: it is not known here: there are "), "{unknown}");
    }
}
