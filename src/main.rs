//! The binary: parses the command line, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    mousetrail::cli::main()
}
