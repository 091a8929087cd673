//! A small process between the stack and each of its children, which ends the child when the stack is gone.
//!
//! The stack keeps the guard's standard input open. When it closes, because the stack stops the child or was killed, the
//! guard ends the child and its whole process group.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

/// The first argument of this program when it runs as a guard.
pub const ARGUMENT: &str = "--guard-of-a-child";

/// How long the child has to end after SIGTERM.
const GRACE: Duration = Duration::from_millis(2_300);

/// Runs `command` until it ends or standard input closes.
pub fn run(command: &[OsString]) -> ExitCode {
    let Some((program, arguments)) = command.split_first() else {
        return ExitCode::FAILURE;
    };
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        // Signals to the child's own group do not reach the guard.
        .process_group(0)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{} cannot be started: {error}", program.to_string_lossy());
            return ExitCode::FAILURE;
        }
    };
    let Ok(group) = i32::try_from(child.id()).map(Pid::from_raw) else {
        return ExitCode::FAILURE;
    };
    std::thread::spawn(move || end_with_the_stack(group));
    let ended = child.wait();
    // The child may leave processes behind in its group.
    signal(group, Signal::SIGKILL);
    exit_code(ended)
}

fn end_with_the_stack(group: Pid) {
    let mut nothing = Vec::new();
    // Nothing is written to it: this returns when the stack closes its end.
    let _closed = std::io::stdin().read_to_end(&mut nothing);
    signal(group, Signal::SIGTERM);
    std::thread::sleep(GRACE);
    signal(group, Signal::SIGKILL);
}

fn signal(group: Pid, signal: Signal) {
    // This fails when the group is empty, as intended.
    let _gone = killpg(group, signal);
}

fn exit_code(ended: std::io::Result<ExitStatus>) -> ExitCode {
    match ended.map(|status| status.code()) {
        Ok(Some(code)) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        Ok(None) | Err(_) => ExitCode::FAILURE,
    }
}
