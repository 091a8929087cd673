//! Importing people who work with the platform already.

use crate::{commands::import_command, prelude::*};

fn outcome(world: &mut World, command: &ImportCommand) -> ImportOutcome {
    let done = world.import("platform", command).unwrap();
    world.apply(&done.decision);
    done.answer.outcome
}

#[test]
fn only_the_platform_imports() {
    let world = World::new();
    let command = import_command("nina", &[(SUMMIT, Role::READER)]);
    for (by, refused) in [
        ("olga", Refusal::Forbidden),
        ("for olga", Refusal::Forbidden),
        ("rita", Refusal::Forbidden),
        ("eve", Refusal::ScopeNotFound),
        ("nobody", Refusal::ScopeNotFound),
    ] {
        assert_eq!(world.import(by, &command).unwrap_err(), refused, "{by}");
    }
    assert!(world.import("platform", &command).is_ok());
}

#[test]
fn a_person_with_an_account_is_active_at_once_and_another_account_stays_out() {
    let mut world = World::new();
    let at = long_ago();
    let command = ImportCommand {
        account: Some(account("nina")),
        last_login_at: Some(at),
        ..import_command("nina", &[(SUMMIT, Role::MANAGER), (ACME, Role::OBSERVER)])
    };
    let used = world.client().seats.used;
    let done = world.import("platform", &command).unwrap();
    assert!(done.decision.mails().is_empty() && done.decision.counters().is_empty());
    assert_eq!(done.decision.history()[0].action, Action::Imported);
    world.apply(&done.decision);
    let nina = world.collaborator("nina").clone();
    assert_eq!((nina.status(NOW), nina.last_login_at), (Status::Active, Some(at)));
    assert!(nina.is_bound_to(&account("nina")) && !nina.is_bound_to(&account("thief")));
    assert_eq!(world.client().seats.used, used + 1);
    assert_eq!(world.client().mails, World::new().client().mails, "no limit is counted");
}

#[test]
fn a_person_without_an_account_is_pending_without_a_mail_until_their_first_login() {
    let mut world = World::new();
    let command =
        ImportCommand { pending_days: 30, ..import_command("nina", &[(SUMMIT, Role::READER)]) };
    assert_eq!(outcome(&mut world, &command), ImportOutcome::Created);
    let invitation = world.collaborator("nina").invitation().unwrap().clone();
    assert_eq!((invitation.delivery, invitation.token_hash), (Delivery::None, None));
    assert_eq!(invitation.expires_at, NOW.after(DAY * 30));
    world.done(world.login("nina"));
    assert_eq!(world.collaborator("nina").status(NOW), Status::Active);

    // A resend makes an invitation with a link, at once.
    outcome(&mut world, &import_command("otto", &[(SUMMIT, Role::READER)]));
    world.done(world.resend("olga", SUMMIT, "otto"));
    assert_eq!(world.collaborator("otto").invitation().unwrap().delivery, Delivery::Queued);
}

#[test]
fn the_same_import_again_changes_nothing() {
    let mut world = World::new();
    let at = long_ago();
    for account in [None, Some(account("nina"))] {
        let mut world = world.clone();
        let grants = [(SUMMIT, Role::READER), (TECH, Role::OBSERVER)];
        let command =
            ImportCommand { account, last_login_at: Some(at), ..import_command("nina", &grants) };
        assert_eq!(outcome(&mut world, &command), ImportOutcome::Created);
        let before = world.collaborator("nina").clone();
        let again = world.import("platform", &command).unwrap();
        assert_eq!(again.answer.outcome, ImportOutcome::Unchanged);
        assert!(again.decision.is_empty() && again.decision.history().is_empty());
        assert_eq!(again.answer.collaborator, before);
    }
    world.now = world.now.after(DAY);
}

#[test]
fn an_import_sets_the_named_grants_and_leaves_everything_else_of_a_collaborator() {
    let mut world = World::new();
    let before = world.collaborator("cora").clone();
    let command = ImportCommand {
        name: Some(name("Someone else")),
        locale: Some(Locale::En),
        account: Some(account("thief")),
        ..import_command("cora", &[(SUMMIT, Role::READER), (GALA, Role::MANAGER)])
    };
    assert_eq!(outcome(&mut world, &command), ImportOutcome::Changed);
    let after = world.collaborator("cora");
    assert_eq!(
        (&after.name, after.locale, &after.membership),
        (&before.name, before.locale, &before.membership)
    );
    assert_eq!((after.grant(SUMMIT).role, after.grant(GALA).role), (Role::READER, Role::MANAGER));
    let others = before.grants.iter().filter(|(at, _)| **at != scope(SUMMIT));
    for (at, grant) in others {
        assert_eq!(after.grants.get(at), Some(grant));
    }
    let later = ImportCommand {
        last_login_at: Some(NOW),
        ..import_command("cora", &[(SUMMIT, Role::READER)])
    };
    let version = world.collaborator("cora").version;
    assert_eq!(outcome(&mut world, &later), ImportOutcome::Changed);
    assert_eq!(world.collaborator("cora").last_login_at, Some(NOW));
    assert_eq!(world.collaborator("cora").version, version, "a login is no change of access");
    let earlier = ImportCommand { last_login_at: Some(long_ago()), ..later };
    assert_eq!(outcome(&mut world, &earlier), ImportOutcome::Unchanged);
}

#[test]
fn an_import_with_mails_sends_and_counts_the_usual_ones() {
    let mut world = World::new();
    let notify = |command| ImportCommand { notify: true, ..command };
    let pending = notify(import_command("nina", &[(SUMMIT, Role::READER), (TECH, Role::OBSERVER)]));
    let done = world.import("platform", &pending).unwrap();
    assert_eq!(mail(&done.decision).kind, MailKind::Invitation);
    world.apply(&done.decision);
    assert_eq!(world.client().mails.platform, 1);
    assert_eq!(world.collaborator("nina").invitation().unwrap().delivery, Delivery::Queued);
    let changed = notify(import_command("cora", &[(SUMMIT, Role::READER)]));
    let done = world.import("platform", &changed).unwrap();
    assert_eq!(mail(&done.decision).kind, MailKind::RoleChanged);
}

#[test]
fn an_import_over_an_expired_invitation_keeps_count_of_its_mail() {
    let mut world = World::new();
    let ends = until(NOW.after(MINUTE));
    let invited = InviteCommand { lifetime: ends, ..invite_command("nina", Role::READER) };
    world.done(world.invite_with("olga", SUMMIT, &invited));
    world.now = NOW.after(MINUTE * 2);
    assert_eq!(
        outcome(&mut world, &import_command("nina", &[(TECH, Role::READER)])),
        ImportOutcome::Created
    );
    assert!(world.counters.contains_key(&id("nina")));
}

#[test]
fn a_grant_that_cannot_be_given_is_named_and_nothing_is_imported() {
    let mut world = World::new();
    world.client_mut().roles = all_but(RoleName::MANAGER);
    let in_grant = |refusal| Refusal::InGrant { index: 1, refusal: Box::new(refusal) };
    for (at, role, refused) in [
        ("acme:tech:none", Role::READER, Refusal::InvalidField { pointer: "/scope" }),
        (TECH, Role::Owner, Refusal::RoleNotAllowedHere),
        (TECH, Role::MANAGER, Refusal::RoleNotOffered),
    ] {
        let command = import_command("nina", &[(SUMMIT, Role::READER), (at, role)]);
        assert_eq!(world.import("platform", &command).unwrap_err(), in_grant(refused), "{at}");
    }
    let owner = import_command("olga", &[(SUMMIT, Role::READER), (ACME, Role::READER)]);
    assert_eq!(world.import("platform", &owner).unwrap_err(), in_grant(Refusal::OwnerMustTransfer));
    let mut ended = import_command("nina", &[(TECH, Role::READER), (SUMMIT, Role::READER)]);
    ended.grants[1].expires_at = Some(NOW);
    assert_eq!(world.import("platform", &ended).unwrap_err(), in_grant(Refusal::InvalidExpiry));
}

#[test]
fn an_import_never_takes_more_seats_than_the_contract_has() {
    let mut world = World::new();
    world.client_mut().seats.limit = Some(world.client().seats.used);
    let command = import_command("nina", &[(SUMMIT, Role::READER)]);
    let refused = world.import("platform", &command).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }), "{refused}");
    assert_eq!(
        outcome(&mut world, &import_command("cora", &[(GALA, Role::READER)])),
        ImportOutcome::Changed
    );
}
