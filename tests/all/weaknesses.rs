//! Each condition of `tests/conditions.md`, taken away, must make the test fail that is named beside it.

use std::{
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

use coulisses_tests::conditions;

/// What is taken away, and the test that must fail; or why none does.
fn rows() -> impl Iterator<Item = (&'static str, Result<&'static str, &'static str>)> {
    conditions().map(|(taken, fails)| {
        let test = fails.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
        (taken, test.ok_or(fails))
    })
}

/// Whether `test` fails where `taken` is taken away, and not by being no test.
fn fails(taken: &str, test: &str) -> bool {
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("COULISSES_WEAKENED", taken)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(told.contains("running 1 test\n"), "there is no test {test}");
    told.contains(&format!("test {test} ... FAILED"))
}

#[test]
fn each_condition_that_is_taken_away_makes_the_test_fail_that_is_named() {
    let left = Mutex::new(rows().filter_map(|(taken, test)| Some((taken, test.ok()?))));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let survivors = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((taken, test)) = next() {
                    if !fails(taken, test) {
                        survivors.lock().unwrap().push(format!("{taken}: {test} passes"));
                    }
                }
            });
        }
    });
    let survivors = survivors.into_inner().unwrap();
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
}

#[test]
fn whatever_survives_has_its_reason() {
    for (taken, fails) in rows() {
        let reason = fails.err().map(|reason| reason.strip_prefix("nothing: ").unwrap_or_default());
        assert!(reason.is_none_or(|reason| reason.len() > 20), "{taken}");
    }
}
