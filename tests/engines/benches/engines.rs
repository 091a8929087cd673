//! The same thousand decisions by Coulisses, Cedar and Casbin, after a check that all three agree.
//!
//! Run `cargo bench` in this folder; each time is that of one decision.

use std::hint::black_box;

use coulisses_domain::permission::{Permission, PermissionSet};
use coulisses_engines::{
    casbin,
    cases::{Case, cases},
    cedar::{self, Cedar},
};
use criterion::Criterion;

fn main() {
    let cases = cases();
    let cedar = Cedar::with_entities_of(&cases);
    let of_cedar: Vec<cedar::Question> = cases.iter().map(|case| cedar.question(case)).collect();
    let of_casbin: Vec<casbin::Question> = cases.iter().map(casbin::Question::of).collect();
    let held = |case: &Case| (case.held(), case.permission);
    let held: Vec<(PermissionSet, Permission)> = cases.iter().map(held).collect();

    let answers: Vec<bool> = cases.iter().map(Case::is_allowed).collect();
    let by_cedar: Vec<bool> = of_cedar.iter().map(|asked| cedar.is_allowed(asked)).collect();
    let by_casbin: Vec<bool> = of_casbin.iter().map(casbin::Question::is_allowed).collect();
    assert_eq!(by_cedar, answers, "Cedar decides differently");
    assert_eq!(by_casbin, answers, "Casbin decides differently");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("engines");
    let mut next = cases.iter().cycle();
    group.bench_function("coulisses", |bencher| {
        bencher.iter(|| black_box(next.next()).map(Case::is_allowed));
    });
    let mut next = of_cedar.iter().cycle();
    group.bench_function("cedar", |bencher| {
        bencher.iter(|| black_box(next.next()).map(|asked| cedar.is_allowed(asked)));
    });
    let mut next = of_casbin.iter().cycle();
    group.bench_function("casbin", |bencher| {
        bencher.iter(|| black_box(next.next()).map(casbin::Question::is_allowed));
    });
    let mut next = held.iter().cycle();
    group.bench_function("a bare bit test", |bencher| {
        bencher
            .iter(|| black_box(next.next()).map(|(held, permission)| held.contains(*permission)));
    });
    group.finish();
    criterion.final_summary();
}
