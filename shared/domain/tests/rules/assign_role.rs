//! Changing a role, and giving one to a collaborator who has access only above or below.

use crate::prelude::*;

fn command(world: &World, who: &str, role: Role) -> AssignRoleCommand {
    let version = world.collaborator(who).version.into();
    AssignRoleCommand {
        role: Some(role),
        expires_at: Some(None),
        outlives_event: None,
        reason: None,
        version,
    }
}

#[test]
fn a_role_is_changed_and_the_collaborator_is_notified() {
    let mut world = World::new();
    world.fill();
    let reason = Reason::parse("Changes team").unwrap();
    let command =
        AssignRoleCommand { reason: reason.clone(), ..command(&world, "cora", Role::MANAGER) };
    let before = world.collaborator("cora").version;
    let outcome = world.done(world.assign_with("eve", SUMMIT, "cora", &command));
    let cora = world.collaborator("cora");
    assert_eq!(cora.grant(SUMMIT).role, Role::MANAGER);
    assert_eq!((cora.version, cora.seat), (before.successor(), true));
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, mail.role), (MailKind::RoleChanged, Some(RoleName::MANAGER)));
    let entry = entry(&outcome.decision);
    assert_eq!((entry.action, &entry.reason), (Action::RoleChanged, &reason));
}

#[test]
fn the_role_of_a_pending_collaborator_is_changed_without_a_seat_or_a_mail() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("pia").clone();
    let outcome = world.done(world.assign("eve", SUMMIT, "pia", Role::Administrator));
    let pia = world.collaborator("pia");
    assert_eq!(pia.status(NOW), Status::Pending);
    assert_eq!(pia.invitation(), before.invitation(), "the link stays the same");
    assert!(outcome.decision.mails().is_empty());
}

#[test]
fn access_that_ended_before_its_invitation_was_sent_gets_a_new_invitation() {
    let mut world = World::new();
    world.client_mut().seats.limit = None;
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).until(NOW.after(MINUTE));
    let invitation = Invitation::queued(mail_id("first"), Actor::Platform(None), NOW.after(DAY));
    world.add(Collaborator { membership: Membership::Pending(invitation), ..nina });
    world.now = NOW.after(MINUTE);
    let outcome = world.done(world.assign("eve", SUMMIT, "nina", Role::READER));
    let nina = world.collaborator("nina");
    assert_eq!(nina.status(world.now), Status::Pending);
    let mail = mail(&outcome.decision);
    assert_eq!(
        (mail.kind, &mail.mail_id),
        (MailKind::Invitation, &nina.invitation().unwrap().mail_id)
    );
    // Access that is still pending needs no second mail.
    assert!(
        world.assign("eve", SUMMIT, "nina", Role::MANAGER).unwrap().decision.mails().is_empty()
    );
}

#[test]
fn a_mail_that_was_never_sent_is_no_reason_to_wait_a_minute() {
    let mut world = World::new();
    let moment = Duration::from_secs(30);
    let invitation = InviteCommand {
        email: email("nina"),
        id: id("nina"),
        role: Role::READER,
        name: None,
        locale: None,
        message: None,
        lifetime: until(NOW.after(moment)),
        if_full: IfFull::Refuse,
    };
    world.done(world.invite_with("eve", SUMMIT, &invitation));
    world.wait(moment);
    let outcome = world.done(world.assign("eve", SUMMIT, "nina", Role::READER));
    assert_eq!(mail(&outcome.decision).kind, MailKind::Invitation);
    assert_eq!(world.counters[&id("nina")].resends, 1);
}

#[test]
fn a_collaborator_with_inherited_access_gets_one_more_grant() {
    let mut world = World::new();
    world.done(world.assign("eve", SUMMIT, "adam", Role::READER));
    let roles: Vec<_> = world.collaborator("adam").grants.values().map(|it| it.role).collect();
    assert_eq!(roles, [Role::Administrator, Role::READER]);
}

#[test]
fn a_collaborator_with_access_only_below_gets_one_more_grant() {
    let mut world = World::new();
    world.done(world.assign("tess", TECH, "cora", Role::OBSERVER));
    let roles: Vec<_> = world.collaborator("cora").grants.values().map(|it| it.role).collect();
    assert_eq!(roles, [Role::OBSERVER, Role::CONTRIBUTOR]);
}

#[test]
fn the_same_role_is_a_change_only_with_another_end_or_another_custom_set() {
    let mut world = World::new();
    let outcome = world.assign("eve", SUMMIT, "cora", Role::CONTRIBUTOR).unwrap();
    assert!(outcome.decision.is_empty());
    assert!(outcome.decision.history().is_empty() && outcome.decision.mails().is_empty());
    assert_eq!(outcome.answer.version, world.collaborator("cora").version);

    let expires_at = Some(NOW.after(MINUTE));
    let ends = AssignRoleCommand {
        expires_at: Some(expires_at),
        ..command(&world, "cora", Role::CONTRIBUTOR)
    };
    let outcome = world.done(world.assign_with("eve", SUMMIT, "cora", &ends));
    assert_eq!(world.collaborator("cora").grant(SUMMIT).expires_at, expires_at);
    assert_eq!(mail(&outcome.decision).access_until, expires_at);

    let role = custom(&[Permission::CheckinScan, Permission::OrdersView]);
    assert!(!world.assign("eve", SUMMIT, "carl", role).unwrap().decision.is_empty());
}

// Digitevent (docs/domain.md#sources): "vous risquez d'écraser celles de vos collaborateurs"
#[test]
fn a_change_of_another_version_is_refused() {
    let mut world = World::new();
    let stale = command(&world, "cora", Role::READER);
    world.done(world.assign("olga", SUMMIT, "cora", Role::MANAGER));
    let later =
        AssignRoleCommand { version: Version::from_number(i64::MAX).into(), ..stale.clone() };
    for command in [stale, later] {
        let refused = world.assign_with("eve", SUMMIT, "cora", &command).unwrap_err();
        assert_eq!(refused, Refusal::StaleVersion);
    }
}

#[test]
fn collaborators_cannot_change_their_own_role() {
    let world = World::new();
    for (who, at) in [
        ("eve", SUMMIT),
        ("adam", ACME),
        ("adam", SUMMIT),
        ("olga", SUMMIT),
        ("olga", ACME),
        ("gwen", GALA),
    ] {
        assert_eq!(world.assign(who, at, who, Role::READER).unwrap_err(), Refusal::OwnRole);
    }
}

#[test]
fn the_role_of_an_owner_cannot_be_changed_active_or_pending() {
    let mut world = World::new();
    let gwen = world.collaborator("gwen").clone();
    for owner in [gwen.clone(), gwen.invited_until(NOW)] {
        world.add(owner);
        for who in ["olga", "sister"] {
            let refused = world.assign(who, GALA, "gwen", Role::Administrator).unwrap_err();
            assert_eq!(refused, Refusal::OwnerMustTransfer);
        }
    }
}

#[test]
fn only_offered_roles_with_an_end_in_the_future_are_assigned() {
    let mut world = World::new();
    let ended =
        AssignRoleCommand { expires_at: Some(Some(NOW)), ..command(&world, "cora", Role::READER) };
    let refused = world.assign_with("eve", SUMMIT, "cora", &ended).unwrap_err();
    assert_eq!(refused, Refusal::InvalidExpiry);
    world.client_mut().roles = all_but(RoleName::READER);
    for (role, refused) in
        [(Role::READER, Refusal::RoleNotOffered), (Role::Owner, Refusal::RoleNotAllowedHere)]
    {
        assert_eq!(world.assign("olga", SUMMIT, "cora", role).unwrap_err(), refused);
    }
}

#[test]
fn a_custom_role_is_assigned_on_events_only() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(ACME, Role::READER));
    for at in [ACME, TECH, GUILD] {
        let refused = world.assign("olga", at, "nina", custom(&[Permission::CheckinScan]));
        assert_eq!(refused.unwrap_err(), Refusal::RoleNotAllowedHere, "{at}");
    }
    assert!(world.assign("olga", SUMMIT, "nina", custom(&[Permission::CheckinScan])).is_ok());
}

// docs/security.md#line-9, docs/security.md#line-25
#[test]
fn a_collaborator_with_access_only_elsewhere_is_not_found() {
    let world = World::new();
    for who in ["sister", "gwen", "nobody"] {
        let refused = world.assign("eve", SUMMIT, who, Role::READER).unwrap_err();
        assert_eq!(refused, Refusal::CollaboratorNotFound, "{who}");
    }
}

// docs/security.md#line-10
#[test]
fn an_event_administrator_changes_no_grant_above_the_event() {
    let mut world = World::new();
    for who in ["tess", "adam", "olga"] {
        let before = world.collaborator(who).grants.clone();
        world.done(world.assign("eve", SUMMIT, who, Role::OBSERVER));
        for (at, grant) in before {
            assert_eq!(world.collaborator(who).grants.get(&at), Some(&grant));
        }
    }
    let refused = world.assign("eve", TECH, "tess", Role::OBSERVER).unwrap_err();
    assert_eq!(refused, Refusal::ScopeNotFound);
}

#[test]
fn a_new_role_does_not_revive_an_ended_grant_or_an_expired_invitation() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(ACME, Role::Administrator).until(NOW));
    assert_eq!(world.collaborator("nina").status(NOW), Status::Expired);
    world.fill();
    world.done(world.assign("eve", SUMMIT, "nina", Role::READER));
    let nina = world.collaborator("nina");
    assert_eq!((nina.status(NOW), nina.grants.len()), (Status::Active, 2));
    assert!(!nina.grant(ACME).is_live(NOW));

    let outcome = world.done(world.assign("eve", SUMMIT, "xena", Role::READER));
    assert_eq!(world.collaborator("xena").status(NOW), Status::Expired);
    assert!(outcome.decision.mails().is_empty());
}

#[test]
fn a_collaborator_is_assigned_at_most_200_grants() {
    let mut world = World::new();
    world.add(with_grants("nina", MAX_GRANTS));
    let refused = world.assign("eve", SUMMIT, "nina", Role::MANAGER).unwrap_err();
    assert_eq!(refused, Refusal::TooManyGrants);
    assert!(world.assign("olga", ACME, "nina", Role::MANAGER).is_ok(), "in place of another");
}
