//! Certificates of a test's own authorities.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;
use wsa::runtime::tls::ClientTls;

/// An authority, with a directory for what it issues.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: TempDir,
}

/// For how long a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Valid {
    Now,
    /// It was, once.
    NoLonger,
}

/// A certificate with its key, in PEM files.
#[derive(Debug, Clone)]
pub struct Issued {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new() -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Authorities of one name would be taken for each other's.
        params.distinguished_name.push(DnType::CommonName, uuid::Uuid::new_v4().to_string());
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("ca.pem"), issuer.pem()).unwrap();
        Authority { issuer, directory }
    }

    /// The authority's own certificate.
    pub fn ca(&self) -> PathBuf {
        self.path("ca.pem")
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A certificate for a server with this name, in `<file>.pem` and `<file>.key`.
    pub fn server(&self, file: &str, name: &str, valid: Valid) -> Issued {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(file, params, valid)
    }

    /// A certificate for a client that is called so.
    pub fn client(&self, file: &str, name: &str, valid: Valid) -> Issued {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(file, params, valid)
    }

    fn issue(&self, file: &str, mut params: CertificateParams, valid: Valid) -> Issued {
        params.use_authority_key_identifier_extension = true;
        if valid == Valid::NoLonger {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 2, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let issued = Issued {
            certificate: self.path(&format!("{file}.pem")),
            key: self.path(&format!("{file}.key")),
        };
        std::fs::write(&issued.certificate, certificate.pem()).unwrap();
        std::fs::write(&issued.key, key.serialize_pem()).unwrap();
        issued
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// Trusts this authority, and shows nothing.
    pub fn trusted(&self) -> ClientTls {
        ClientTls { ca: self.ca(), ..ClientTls::default() }
    }
}

impl Issued {
    /// The same, and shows this certificate.
    pub fn shown_to(&self, authority: &Authority) -> ClientTls {
        let Issued { certificate, key } = self.clone();
        ClientTls { ca: authority.ca(), certificate, key }
    }
}

/// A file as the value of a setting.
pub fn text(file: &Path) -> String {
    file.to_str().unwrap().to_owned()
}
