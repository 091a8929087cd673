//! Removing a condition of `tests/conditions.md` must fail the test named beside it.

use std::{
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

use coulisses_tests::conditions;

/// Each removed condition with the test that must fail, or the reason why none does.
fn rows() -> impl Iterator<Item = (&'static str, Result<&'static str, &'static str>)> {
    conditions().map(|(removed, fails)| {
        let test = fails.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
        (removed, test.ok_or(fails))
    })
}

/// Whether `test` fails without the condition `removed`; panics if there is no such test.
fn fails(removed: &str, test: &str) -> bool {
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("COULISSES_WEAKENED", removed)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(output.contains("running 1 test\n"), "there is no test {test}");
    output.contains(&format!("test {test} ... FAILED"))
}

#[test]
fn each_removed_condition_fails_the_named_test() {
    let left = Mutex::new(rows().filter_map(|(removed, test)| Some((removed, test.ok()?))));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let survivors = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((removed, test)) = next() {
                    if !fails(removed, test) {
                        survivors.lock().unwrap().push(format!("{removed}: {test} passes"));
                    }
                }
            });
        }
    });
    let survivors = survivors.into_inner().unwrap();
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
}

#[test]
fn each_condition_without_a_test_has_a_reason() {
    for (removed, fails) in rows() {
        let reason = fails.err().map(|reason| reason.strip_prefix("nothing: ").unwrap_or_default());
        assert!(reason.is_none_or(|reason| reason.len() > 20), "{removed}");
    }
}
