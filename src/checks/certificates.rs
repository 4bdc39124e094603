//! Whether the system has authorities by which servers can be told from strangers.

use super::Finding;

/// What was found.
#[derive(Debug, Default)]
pub struct Facts {
    /// How many certificates of authorities.
    pub authorities: usize,
    /// What could not be read.
    pub errors: Vec<String>,
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR`, as far as they are set.
    pub variables: Vec<String>,
}

/// Reads the system's certificates.
pub fn read() -> Facts {
    let found = rustls_native_certs::load_native_certs();
    let set =
        |name: &str| std::env::var_os(name).map(|value| format!("{name}={}", value.display()));
    let mut roots = rustls::RootCertStore::empty();
    Facts {
        authorities: roots.add_parsable_certificates(found.certs).0,
        errors: found.errors.iter().map(ToString::to_string).collect(),
        variables: ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(set).collect(),
    }
}

/// Without any, nothing can be verified by them; what names authorities of its own is not concerned.
pub fn judge(facts: &Facts) -> Option<Finding> {
    if facts.authorities > 0 {
        return None;
    }
    let mut why = String::new();
    for part in facts.variables.iter().chain(facts.errors.first()) {
        why = format!("{why}; {part}");
    }
    Some(Finding::Warn(format!(
        "the system trusts no certificate{why}: callbacks to https:// URLs will fail, and amqps:// and PostgreSQL \
         need amqp.tls.ca and store.tls.ca; install ca-certificates, or name a file in SSL_CERT_FILE"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_without_authorities_is_told_of_with_what_is_set() {
        assert_eq!(judge(&Facts { authorities: 1, ..Facts::default() }), None);
        let variables = vec!["SSL_CERT_FILE=/nowhere".to_owned()];
        let facts = Facts { variables, errors: vec!["no such file".into()], ..Facts::default() };
        let Some(Finding::Warn(told)) = judge(&facts) else { panic!("a warning") };
        let why =
            "the system trusts no certificate; SSL_CERT_FILE=/nowhere; no such file: callbacks";
        assert!(told.starts_with(why), "{told}");
    }
}
