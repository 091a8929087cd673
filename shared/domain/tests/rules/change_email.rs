//! Moving a person to a new address.

use crate::{prelude::*, unbind::refuses_what_the_caller_may_not_change};

fn moving(world: &World, by: &str, who: &str) -> Result<Decision, Refusal> {
    world.change_email(by, who, "nova").map(|outcome| outcome.decision)
}

/// The kind, the recipient's id and the removed address of each mail.
fn mails(decision: &Decision) -> Vec<(MailKind, CollaboratorId, Option<Email>, bool)> {
    let removed = |mail: &Mail| mail.removed.as_ref().map(|to| to.email.clone());
    let mails = decision.mails().iter();
    mails.map(|mail| (mail.kind, mail.collaborator.clone(), removed(mail), mail.moved)).collect()
}

// docs/security.md#line-27
#[test]
fn an_active_person_whom_an_administrator_moves_is_pending_until_the_address_is_verified() {
    let mut world = World::new();
    let (before, client) = (world.collaborator("cora").clone(), world.client().clone());
    let outcome = world.done(world.change_email("adam", "cora", "nova"));
    assert!(!world.knows("cora"));
    let nova = world.collaborator("nova");
    assert_eq!((nova.status(NOW), nova.was_active()), (Status::Pending, true));
    assert_eq!((&nova.grants, &nova.name), (&before.grants, &before.name));
    assert_eq!((nova.last_login_at, nova.email.clone()), (before.last_login_at, email("nova")));
    assert!(nova.version > before.version);
    assert_eq!(
        mails(&outcome.decision),
        [
            (MailKind::Invitation, id("nova"), None, false),
            (MailKind::AccessTaken, id("cora"), Some(email("cora")), true),
        ]
    );
    // The former account has no access under either address.
    for who in ["cora", "nova"] {
        let former = world.caller_as(who, account("cora"));
        let Caller::User(user) = former else { panic!() };
        assert!(user.permissions(&scope(SUMMIT), Granting::Administrators, NOW).is_empty());
    }
    let seats = world.client().seats;
    assert_eq!((seats.used, world.usage()), (client.seats.used, client.seats.used));
    assert_eq!(seats.seq, client.seats.seq + 1, "an audit that read one of the two starts again");
}

#[test]
fn the_platform_moves_an_active_person_with_their_account() {
    let mut world = World::new();
    let outcome = world.done(world.change_email("platform", "cora", "nova"));
    assert!(world.collaborator("nova").is_bound_to(&account("cora")));
    assert_eq!(
        mails(&outcome.decision),
        [
            (MailKind::RoleChanged, id("nova"), None, true),
            (MailKind::AccessTaken, id("cora"), Some(email("cora")), true),
        ]
    );
    let nova = Some(world.collaborator("nova"));
    let [to_nova, to_cora] = outcome.decision.mails() else { panic!() };
    assert_eq!(to_nova.recipient(nova, NOW).unwrap().email, email("nova"));
    assert_eq!(to_cora.recipient(None, NOW).unwrap().email, email("cora"));
    assert_eq!((to_nova.role, to_cora.role), (None, None));
}

#[test]
fn an_address_is_changed_only_by_those_who_can_give_all_access_and_never_of_an_owner() {
    refuses_what_the_caller_may_not_change(moving);
}

#[test]
fn the_history_has_an_entry_under_each_id_that_names_the_other() {
    let outcome = World::new().change_email("adam", "cora", "nova").unwrap();
    let [left, arrived] = outcome.decision.history() else { panic!() };
    assert_eq!((left.action, arrived.action), (Action::EmailChanged, Action::EmailChanged));
    assert_eq!(left.collaborator.as_ref().unwrap().email, email("cora"));
    assert_eq!(arrived.collaborator.as_ref().unwrap().email, email("nova"));
    assert_eq!(left.moved, Some(Moved::To(id("nova"))));
    assert_eq!(arrived.moved, Some(Moved::From(id("cora"))));
    assert_eq!((keys(&left.changes), keys(&arrived.changes)), (vec![SUMMIT], vec![SUMMIT]));
    assert!(left.changes[SUMMIT].after.is_none() && arrived.changes[SUMMIT].before.is_none());
}

#[test]
fn an_address_that_is_a_collaborator_is_refused() {
    let world = World::new();
    for (by, who) in [("adam", "cora"), ("platform", "olga")] {
        for to in [who, "rita", "pia", "xena"] {
            let refused = world.change_email(by, who, to).unwrap_err();
            assert_eq!(refused, Refusal::AlreadyHasAccess(id(to)), "{who} to {to}");
        }
    }
}

#[test]
fn an_owner_who_moves_owns_the_same_scopes() {
    let mut world = World::new();
    let olga = world.collaborator("olga").clone().holding(GALA, Role::Owner);
    world.add(olga);
    world.scopes.get_mut(&scope(GALA)).unwrap().owner = Some(label("olga"));
    world.add(collaborator("gwen").holding(GALA, Role::Administrator));
    let (client, gala) = (world.client().version, world.scopes[GALA].version);
    world.done(world.change_email("platform", "olga", "nova"));
    assert_eq!(world.client().owner, label("nova"));
    assert_eq!(world.scopes[GALA].owner, Some(label("nova")));
    assert!(world.client().version > client && world.scopes[GALA].version > gala);
    assert!(world.collaborator("nova").is_bound_to(&account("olga")));
}

#[test]
fn an_owner_of_more_scopes_than_a_transaction_can_name_is_refused() {
    let mut world = World::new();
    let mut owner = world.collaborator("olga").clone();
    for number in 0..=change_email::MAX_OWNED {
        let at = format!("acme:tech:event-{number}");
        owner = owner.holding(&at, Role::Owner);
        let event =
            Scope { owner: Some(label("olga")), id: scope(&at), ..world.scopes[GALA].clone() };
        world.scopes.insert(scope(&at), event);
        world.add(owner.clone());
        let moved = world.change_email("platform", "olga", "nova").map(drop);
        let expected =
            if number < change_email::MAX_OWNED { Ok(()) } else { Err(Refusal::TooManyGrants) };
        assert_eq!(moved, expected, "{number}");
    }
}

#[test]
fn a_pending_person_is_invited_at_the_new_address_and_the_former_link_is_void() {
    let mut world = World::new();
    let old = world.deliver("pia", 1);
    world.done(world.change_email("adam", "pia", "nova"));
    assert_eq!(world.accept(&world.caller("pia"), &old).unwrap_err(), Refusal::InvitationNotFound);
    assert!(!world.collaborator("nova").was_active());
    let new = world.deliver("nova", 2);
    world.done(world.accept(&world.caller("nova"), &new));
}

#[test]
fn an_expired_invitation_takes_a_seat_again_and_ended_access_does_not_move() {
    let mut world = World::new();
    world.fill();
    let refused = world.change_email("adam", "yann", "nova").unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }));
    world.done(world.change_email("adam", "xena", "xenia"));
    assert_eq!(world.collaborator("xenia").status(NOW), Status::Pending);
    world.client_mut().seats.limit = None;
    world.now = world.now.after(MINUTE);
    world.done(world.change_email("adam", "yann", "nova"));
    let nova = world.collaborator("nova");
    assert_eq!((nova.status(world.now), nova.seat, nova.forget_at), (Status::Pending, true, None));
    assert_eq!(world.client().seats.used, world.usage());
    assert_eq!(moving(&World::new(), "adam", "lena").unwrap_err(), Refusal::NotPending);
}

#[test]
fn an_address_is_changed_on_the_version_that_the_caller_read() {
    let mut world = World::new();
    let command = world.email_command("cora", "nova");
    world.edit("cora", |cora| cora.version = cora.version.successor());
    let refused = world.change_email_with("adam", "cora", "nova", &command).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion);
}

#[test]
fn a_move_counts_as_an_invitation_of_the_new_address() {
    let mut world = World::new();
    world.done(world.change_email("adam", "cora", "nova"));
    assert_eq!(world.client().mails.invitations, 1);
    assert_eq!(world.counters[&id("nova")].resends, 0);
    world.done(world.change_email("adam", "nova", "cora"));
    let refused = moving(&world, "adam", "cora").unwrap_err();
    assert!(matches!(refused, Refusal::ResendTooSoon { .. }), "{refused}");
}

#[test]
fn the_record_of_the_caller_must_be_unchanged() {
    let outcome = World::new().change_email("adam", "cora", "nova").unwrap();
    let changes = outcome.decision.collaborators();
    assert!(matches!(&changes[2], Change::Check(record) if record.id == id("adam")));
}
