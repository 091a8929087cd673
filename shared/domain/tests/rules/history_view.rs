//! The history at a scope: who can read it, and which changes it shows.

use coulisses_domain::history::view;
use proptest::{prelude::*, sample::select};

use crate::{escalation::cases, prelude::*};

const EVERYWHERE: [&str; 6] = [ACME, TECH, ARTS, SUMMIT, GALA, GUILD];

fn entry_id(number: usize) -> EntryId {
    EntryId::parse(&format!("01KBPK3Y00{number:016}")).unwrap()
}

/// Entry number `number`, about `who`, with a change at each of `scopes`.
fn recorded(number: usize, who: &str, scopes: &[&str]) -> RecordedEntry {
    let after = GrantState {
        role: Role::READER,
        status: Some(Status::Active),
        expires_at: None,
        outlives_event: false,
    };
    let change = GrantChange { before: None, after: Some(after) };
    let entry = Entry {
        at: NOW,
        actor: Actor::Platform(None),
        action: Action::Granted,
        collaborator: Some(CollaboratorLabel {
            id: id(who),
            email: email(who),
            name: Some(name(who)),
        }),
        role: None,
        scope: None,
        source: None,
        changes: scopes.iter().map(|at| (scope(at), change.clone())).collect(),
        reason: None,
        moved: None,
        version: None,
        seats: None,
    };
    RecordedEntry { id: entry_id(number), entry }
}

fn query(limit: usize) -> HistoryQuery {
    let (collaborator, after) = (None, None);
    HistoryQuery { collaborator, after, from: None, action: None, actor: None, limit }
}

/// The page of `entries` that `by` reads at `at`.
fn shown(by: &str, at: &str, entries: Vec<RecordedEntry>, query: &HistoryQuery) -> HistoryPage {
    let world = World::new();
    let facts = world.facts(by, at, by);
    view::view(&facts, NOW).unwrap().page(HistoryPage { entries, end: None }, query)
}

/// The ids of the entries, each with the scopes of its changes.
fn changes(page: &HistoryPage) -> Vec<(EntryId, Vec<String>)> {
    let scopes = |changes: &BTreeMap<ScopeId, GrantChange>| {
        changes.keys().map(ToString::to_string).collect()
    };
    let entries = page.entries.iter();
    entries.map(|recorded| (recorded.id.clone(), scopes(&recorded.entry.changes))).collect()
}

#[test]
fn the_history_of_a_scope_needs_history_view_there() {
    let mut world = World::new();
    for granting in [Granting::Administrators, Granting::Owner] {
        world.client_mut().granting = granting;
        for (by, at, expected) in [
            ("olga", SUMMIT, Ok(())),
            ("adam", ACME, Ok(())),
            ("tess", TECH, Ok(())),
            ("eve", SUMMIT, Ok(())),
            ("gwen", GALA, Ok(())),
            ("cora", SUMMIT, Err(Refusal::Forbidden)),
            ("rita", ACME, Err(Refusal::Forbidden)),
            ("max", SUMMIT, Err(Refusal::Forbidden)),
            ("platform", SUMMIT, Ok(())),
            ("eve", TECH, Err(Refusal::ScopeNotFound)),
            ("eve", GALA, Err(Refusal::ScopeNotFound)),
            ("paul", SUMMIT, Err(Refusal::ScopeNotFound)),
            ("lena", SUMMIT, Err(Refusal::ScopeNotFound)),
            ("nobody", ACME, Err(Refusal::ScopeNotFound)),
            ("olga", "acme:none", Err(Refusal::ScopeNotFound)),
        ] {
            let opened = view::view(&world.facts(by, at, by), NOW).map(drop);
            assert_eq!(opened, expected, "{by} at {at}");
        }
    }
    let mut facts = world.facts("olga", ACME, "olga");
    facts.caller = world.caller_as("olga", account("thief"));
    assert_eq!(view::view(&facts, NOW).map(drop), Err(Refusal::ScopeNotFound));
}

// docs/security.md#line-25
#[test]
fn an_entry_shows_the_changes_on_the_scope_and_below() {
    let entries = || {
        vec![
            recorded(5, "nina", &[SUMMIT, GALA]),
            recorded(4, "nina", &[GALA]),
            recorded(3, "nina", &[TECH, SUMMIT]),
            recorded(2, "nina", &[ACME, ARTS]),
            recorded(1, "nina", &[]),
        ]
    };
    let owned = |scopes: &[&str]| scopes.iter().map(|at| (*at).to_owned()).collect::<Vec<_>>();
    let line = |number, scopes: &[&str]| (entry_id(number), owned(scopes));
    let at = |by, at| changes(&shown(by, at, entries(), &query(10)));
    assert_eq!(at("eve", SUMMIT), [line(5, &[SUMMIT]), line(3, &[SUMMIT])]);
    assert_eq!(at("sister", GALA), [line(5, &[GALA]), line(4, &[GALA])]);
    assert_eq!(
        at("tess", TECH),
        [line(5, &[GALA, SUMMIT]), line(4, &[GALA]), line(3, &[TECH, SUMMIT])]
    );
    assert_eq!(at("olga", ARTS), [line(2, &[ARTS])]);
    assert_eq!(at("olga", ACME).len(), 4);
}

#[test]
fn the_history_of_one_collaborator_contains_only_their_entries() {
    let entries = vec![recorded(2, "nina", &[SUMMIT]), recorded(1, "obi", &[SUMMIT])];
    let query = HistoryQuery { collaborator: Some(id("obi")), ..query(10) };
    let page = shown("eve", SUMMIT, entries, &query);
    assert_eq!(changes(&page), [(entry_id(1), vec![SUMMIT.to_owned()])]);
}

#[test]
fn a_page_ends_where_it_is_full_or_where_reading_ended() {
    let world = World::new();
    let facts = world.facts("eve", SUMMIT, "eve");
    let view = view::view(&facts, NOW).unwrap();
    let read = |end| {
        let entries = vec![
            recorded(3, "nina", &[SUMMIT]),
            recorded(2, "nina", &[SUMMIT]),
            recorded(1, "nina", &[GALA]),
        ];
        HistoryPage { entries, end }
    };
    for (limit, end, shown, next) in [
        (1, None, 1, Some(3)),
        (2, None, 2, None),
        (3, None, 2, None),
        (1, Some(1), 1, Some(3)),
        (2, Some(1), 2, Some(1)),
    ] {
        let page = view.page(read(end.map(entry_id)), &query(limit));
        assert_eq!((page.entries.len(), page.end), (shown, next.map(entry_id)), "{limit}");
    }
    let unseen =
        HistoryPage { entries: vec![recorded(1, "nina", &[GALA])], end: Some(entry_id(1)) };
    let page = view.page(unseen.clone(), &query(9));
    assert_eq!((page.entries.len(), page.end), (0, unseen.end), "empty, and more may follow");
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn exactly_the_changes_on_the_scope_and_below_are_shown(
        places in proptest::collection::vec(proptest::collection::btree_set(select(&EVERYWHERE[..]), 0..4), 0..8),
        at in select(&EVERYWHERE[..]),
    ) {
        let entries = places.iter().enumerate().map(|(number, scopes)| {
            recorded(number, "nina", &scopes.iter().copied().collect::<Vec<_>>())
        });
        let page = shown("olga", at, entries.collect(), &query(100));
        let here = scope(at);
        let below = |place: &&str| here.reaches(&scope(place));
        let expected: Vec<(EntryId, Vec<String>)> = places.iter().enumerate()
            .map(|(number, scopes)| {
                let mut seen: Vec<String> = scopes.iter().filter(|it| below(it)).map(|it| (*it).to_owned()).collect();
                seen.sort();
                (entry_id(number), seen)
            })
            .filter(|(_, seen)| !seen.is_empty())
            .collect();
        prop_assert_eq!(changes(&page), expected);
    }
}
