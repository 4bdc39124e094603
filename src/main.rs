//! The `wsa` binary; see [`wsa::cli`].

use std::process::ExitCode;

/// Many small pieces of memory come and go with each payment, between threads: this allocator takes less time over them than
/// that of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wsa::cli::main()
}
