//! The `wsa` binary; see [`wsa::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wsa::cli::main()
}
