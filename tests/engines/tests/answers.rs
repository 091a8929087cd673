//! Coulisses, Cedar and Casbin give the same answers, about as many allowed as denied.

use coulisses_engines::{
    casbin,
    cases::{NUMBER, cases},
    cedar::Cedar,
};

#[test]
fn all_three_give_the_same_answer_to_each_question() {
    let cases = cases();
    let cedar = Cedar::with_entities_of(&cases);
    for case in &cases {
        let ours = case.is_allowed();
        assert_eq!(cedar.is_allowed(&cedar.question(case)), ours, "Cedar: {case:?}");
        assert_eq!(casbin::Question::of(case).is_allowed(), ours, "Casbin: {case:?}");
        assert_eq!(case.held().contains(case.permission), ours, "the permissions: {case:?}");
    }
}

#[test]
fn about_as_many_questions_are_allowed_as_denied() {
    let cases = cases();
    assert_eq!(cases.len(), NUMBER);
    let allowed = cases.iter().filter(|case| case.is_allowed()).count();
    assert!((NUMBER / 3..NUMBER * 2 / 3).contains(&allowed), "{allowed} are allowed");
}
