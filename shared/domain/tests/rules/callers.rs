//! Who may do what: every command by every kind of caller, in one table.

use std::fmt::Write;

use coulisses_domain::{grid, provision};

use crate::{
    announce,
    commands::{event, provision},
    prelude::*,
};

type Command = fn(&World, &str) -> Result<(), Refusal>;

/// Each at the summit, on collaborators other than the caller.
const COMMANDS: [(&str, Command); 10] = [
    ("view", |world, by| provision::view(&world.facts(by, SUMMIT, by), NOW).map(drop)),
    ("list", |world, by| {
        let collaborators: Vec<_> = world.collaborators.values().cloned().collect();
        let query = grid::GridQuery { limit: 10, ..grid::GridQuery::EVERYONE };
        grid::list(&world.facts(by, SUMMIT, by), &collaborators, &query, NOW).map(drop)
    }),
    ("invite", |world, by| world.invite(by, SUMMIT, "nina", Role::READER).map(drop)),
    ("assign", |world, by| world.assign(by, SUMMIT, "obb", Role::READER).map(drop)),
    ("revoke", |world, by| world.revoke(by, SUMMIT, "obb", Extent::Here).map(drop)),
    ("resend", |world, by| world.resend(by, SUMMIT, "pia").map(drop)),
    ("leave", |world, by| world.revoke(by, SUMMIT, by, Extent::Here).map(drop)),
    ("transfer", |world, by| world.hand_to(by, SUMMIT, "obb").map(drop)),
    ("announce", |world, by| announce::write(world, by, SUMMIT).map(drop)),
    ("provision", |world, by| provision(world, by, SUMMIT, &event(None)).map(drop)),
];

const CALLERS: [(&str, &str); 19] = [
    ("platform", "the platform"),
    ("olga", "owner of the client"),
    ("adam", "administrator of the client"),
    ("tess", "administrator of the audience"),
    ("opal", "owner of the event"),
    ("eve", "administrator of the event"),
    ("sister", "administrator of a sister event"),
    ("gwen", "owner of a sister event"),
    ("cora", "contributor"),
    ("rita", "reader of the client"),
    ("max", "manager"),
    ("sue", "supervisor"),
    ("obi", "observer"),
    ("carl", "custom"),
    ("pia", "pending reader"),
    ("paul", "pending administrator"),
    ("xena", "expired administrator"),
    ("lena", "administrator whose access has ended"),
    ("nobody", "not a collaborator"),
];

fn table(world: &World) -> String {
    let mut text = format!("{:<38}", "");
    for (command, _) in COMMANDS {
        write!(text, "{command:<12}").unwrap();
    }
    for (who, membership) in CALLERS {
        text = format!("{}\n{membership:<38}", text.trim_end());
        for (_, command) in COMMANDS {
            let answer = match command(world, who) {
                Ok(()) => "yes",
                Err(Refusal::Forbidden) => "forbidden",
                Err(Refusal::ScopeNotFound) => "no scope",
                Err(Refusal::CollaboratorNotFound) => "no target",
                Err(Refusal::InheritedAccess(_)) => "inherited",
                Err(Refusal::OwnerMustTransfer) => "owner",
                Err(refusal) => panic!("{membership}: {refusal}"),
            };
            write!(text, "{answer:<12}").unwrap();
        }
    }
    text.trim_end().to_owned()
}

fn world() -> World {
    let mut world = World::new();
    world.add(collaborator("obb").holding(SUMMIT, Role::OBSERVER));
    world.add(collaborator("opal").holding(SUMMIT, Role::Owner));
    world.scopes.get_mut(&scope(SUMMIT)).unwrap().owner = Some(label("opal"));
    world
}

#[test]
fn who_may_do_what_at_an_event_where_administrators_grant() {
    insta::assert_snapshot!(table(&world()));
}

// Digitevent (docs/domain.md#sources): "Seul le propriétaire de l'événement peut accorder des permissions"
#[test]
fn who_may_do_what_at_an_event_where_only_owners_grant() {
    let mut world = world();
    world.client_mut().granting = Granting::Owner;
    insta::assert_snapshot!(table(&world));
}

#[test]
fn on_behalf_of_a_collaborator_the_platform_may_do_what_they_may() {
    let mut world = world();
    for granting in [Granting::Administrators, Granting::Owner] {
        world.client_mut().granting = granting;
        for (who, membership) in CALLERS.into_iter().filter(|(who, _)| *who != "platform") {
            for (name, command) in COMMANDS.into_iter().filter(|(name, _)| *name != "leave") {
                let on_behalf = command(&world, &format!("for {who}"));
                assert_eq!(on_behalf, command(&world, who), "{name} for {membership}");
            }
        }
    }
}

// docs/domain.md#rule-17
#[test]
fn support_sees_every_scope_and_changes_only_what_their_own_access_allows() {
    let mut world = world();
    for granting in [Granting::Administrators, Granting::Owner] {
        world.client_mut().granting = granting;
        for (who, membership) in CALLERS.into_iter().filter(|(who, _)| *who != "platform") {
            for (name, command) in COMMANDS {
                let as_support = command(&world, &format!("support {who}"));
                let expected = match command(&world, who) {
                    _ if ["view", "list"].contains(&name) => Ok(()),
                    // They see that the scope exists.
                    Err(Refusal::ScopeNotFound) => Err(Refusal::Forbidden),
                    own => own,
                };
                assert_eq!(as_support, expected, "{name} for {membership}");
            }
        }
    }
}

#[test]
fn support_whose_own_ownership_is_pending_transfers_nothing() {
    let mut world = world();
    for (at, who) in [(SUMMIT, "pia"), (SUMMIT, "paul")] {
        world.scopes.get_mut(&scope(at)).unwrap().owner = Some(label(who));
        let refused = world.hand_to(&format!("support {who}"), at, "obb").unwrap_err();
        assert_eq!(refused, Refusal::Forbidden, "{who}");
    }
}

#[test]
fn support_is_counted_where_their_own_access_does_not_show_the_team() {
    let world = World::new();
    for (who, at, counted) in [
        ("support nobody", ACME, true),
        ("support pia", SUMMIT, true),
        ("support rita", SUMMIT, true),
        ("support tess", SUMMIT, false),
        ("support tess", ACME, true),
        ("support adam", ACME, false),
        ("adam", ACME, false),
        ("rita", ACME, false),
        ("for rita", ACME, false),
        ("platform", ACME, false),
    ] {
        let caller = world.caller(who);
        assert_eq!(caller.reads_as_support(&scope(at), NOW), counted, "{who} at {at}");
    }
}

#[test]
fn support_and_the_platform_see_all_clients_and_no_one_else() {
    use coulisses_domain::caller::Standing;
    let seen = [Standing::Platform, Standing::Support, Standing::User]
        .map(Standing::check_sees_all_clients);
    assert_eq!(seen, [Ok(()), Ok(()), Err(Refusal::Forbidden)]);
}

#[test]
fn the_history_names_the_platform_and_those_on_whose_behalf_it_acts() {
    let world = World::new();
    let actor = |by: &str| {
        let outcome = world.invite(by, SUMMIT, "nina", Role::READER).unwrap();
        outcome.decision.history()[0].actor.clone()
    };
    assert_eq!(actor("platform"), Actor::Platform(Some(backend())));
    let (email, name) = (email("eve"), Some(name("eve")));
    assert_eq!(actor("for eve"), Actor::User { email, name, via: Some(backend()) });
}

#[test]
fn the_platform_neither_accepts_an_invitation_nor_logs_in_on_behalf_of_anyone() {
    let world = World::new();
    for who in ["platform", "for pia", "for eve", "for nobody"] {
        let refused = coulisses_domain::login::decide(&world.caller(who), NOW).unwrap_err();
        assert_eq!(refused, Refusal::Forbidden, "{who}");
        assert!(coulisses_domain::login::refused(&world.caller(who), NOW).is_none());
    }
}

#[test]
fn a_scope_that_does_not_exist_looks_like_one_that_is_not_visible() {
    let mut world = World::new();
    for at in ["acme:none", "acme:tech:none"] {
        for who in ["olga", "adam", "sister", "nobody"] {
            let refused = world.invite(who, at, "nina", Role::READER).unwrap_err();
            assert_eq!(refused, Refusal::ScopeNotFound, "{who} at {at}");
        }
    }
    world.client = None;
    assert_eq!(
        world.invite("olga", ACME, "nina", Role::READER).unwrap_err(),
        Refusal::ScopeNotFound
    );
}

// docs/security.md#line-7
#[test]
fn an_owner_under_another_account_can_do_nothing() {
    let world = World::new();
    for at in [ACME, SUMMIT, GALA] {
        let mut facts = world.facts("olga", at, "nina");
        facts.caller = world.caller_as("olga", account("thief"));
        let command = invite_command("nina", Role::READER);
        let refused =
            coulisses_domain::invite::decide(&facts, &command, mail_id("s"), NOW).unwrap_err();
        assert_eq!(refused, Refusal::ScopeNotFound);
        assert_eq!(provision::view(&facts, NOW).unwrap_err(), Refusal::ScopeNotFound);
    }
}

// docs/security.md#line-4
#[test]
fn a_revoked_collaborator_can_do_nothing_from_then_on() {
    let mut world = World::new();
    world.done(world.revoke("olga", SUMMIT, "eve", Extent::Here));
    for (_, command) in COMMANDS {
        assert_eq!(command(&world, "eve").unwrap_err(), Refusal::ScopeNotFound);
    }
}

#[test]
fn a_batch_is_refused_as_a_whole_to_callers_who_cannot_grant() {
    let world = World::new();
    let mut given = 0;
    for (who, _) in CALLERS {
        let at_all = world.facts(who, SUMMIT, "nina").check_may_manage_access(NOW);
        let nina = world.invite(who, SUMMIT, "nina", Role::OBSERVER);
        // A caller who can grant to some can still be refused for one of them.
        let refused = nina
            .map(drop)
            .err()
            .filter(|refusal| matches!(refusal, Refusal::Forbidden | Refusal::ScopeNotFound));
        assert_eq!(at_all.clone().err(), refused, "{who}");
        given += usize::from(at_all.is_ok());
    }
    assert!((1..CALLERS.len()).contains(&given));
}

#[test]
fn a_user_has_an_id_and_the_platform_has_none() {
    let world = World::new();
    assert_eq!(world.caller("olga").id(), Some(&id("olga")));
    assert_eq!(world.caller("nina").id(), Some(&id("nina")), "collaborator or not");
    assert_eq!(world.caller("platform").id(), None);
}
