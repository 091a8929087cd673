//! A small process between the stack and each of its children: it ends the child when the stack is gone.
//!
//! The stack holds the guard's standard input open. When that closes, because the stack asks for it or
//! because it was killed outright, the guard ends the child and all that shares its process group.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

/// The first argument that makes this program a guard.
pub const ARGUMENT: &str = "--guard-of-a-child";

/// How long the child may take to end by itself.
const GRACE: Duration = Duration::from_millis(2_300);

/// Runs `command` until it ends or standard input closes.
pub fn run(command: &[OsString]) -> ExitCode {
    let Some((program, arguments)) = command.split_first() else {
        return ExitCode::FAILURE;
    };
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        // A group of its own, so that signals to it do not end the guard.
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
    std::thread::spawn(move || end_when_alone(group));
    let ended = child.wait();
    // Whatever the child left behind in its group.
    signal(group, Signal::SIGKILL);
    exit_code(ended)
}

fn end_when_alone(group: Pid) {
    let mut nothing = Vec::new();
    // Nobody writes to it: this returns when the stack's end is closed.
    let _closed = std::io::stdin().read_to_end(&mut nothing);
    signal(group, Signal::SIGTERM);
    std::thread::sleep(GRACE);
    signal(group, Signal::SIGKILL);
}

fn signal(group: Pid, signal: Signal) {
    // It fails when nobody is left in the group, which is what is wanted.
    let _gone = killpg(group, signal);
}

fn exit_code(ended: std::io::Result<ExitStatus>) -> ExitCode {
    match ended.map(|status| status.code()) {
        Ok(Some(code)) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        Ok(None) | Err(_) => ExitCode::FAILURE,
    }
}
