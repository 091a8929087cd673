//! Resending an invitation.

use crate::prelude::*;

#[test]
fn a_resend_creates_a_new_link_and_invalidates_the_old_one() {
    let mut world = World::new();
    let old = world.deliver("pia", 1);
    let before = world.collaborator("pia").clone();
    let outcome = world.done(world.resend("eve", SUMMIT, "pia"));
    let pia = world.collaborator("pia");
    let invitation = pia.invitation().unwrap();
    assert_eq!((invitation.token_hash, invitation.delivery), (None, Delivery::Queued));
    assert_eq!(invitation.mail_id, mail_id("again"));
    assert_eq!(invitation.expires_at, NOW.after(14 * DAY));
    assert_eq!(pia.version, before.version, "a resend makes no role change stale");
    assert_eq!(world.accept(&world.caller("pia"), &old).unwrap_err(), Refusal::InvitationNotFound);
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, &mail.mail_id), (MailKind::Invitation, &mail_id("again")));
    assert_eq!(entry(&outcome.decision).action, Action::Resent);
    let new = world.deliver("pia", 2);
    assert!(world.accept(&world.caller("pia"), &new).is_ok());
}

#[test]
fn an_expired_collaborator_is_pending_again_with_a_new_version() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("xena").clone();
    world.done(world.resend("adam", ACME, "xena"));
    let xena = world.collaborator("xena");
    assert_eq!((xena.status(NOW), &xena.grants), (Status::Pending, &before.grants));
    assert!(xena.version > before.version);
    assert_eq!(world.client().seats.used, world.usage(), "the seat was not released yet");
}

#[test]
fn an_expired_collaborator_whose_seat_was_released_takes_one_again() {
    let mut world = World::new();
    world.fill();
    let refused = world.resend("eve", SUMMIT, "yann").unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }));
    world.client_mut().seats.limit = None;
    world.done(world.resend("eve", SUMMIT, "yann"));
    let yann = world.collaborator("yann");
    assert_eq!((yann.status(NOW), yann.seat, yann.forget_at), (Status::Pending, true, None));
    assert_eq!(world.client().seats.used, world.usage());
}

// docs/security.md#line-21
#[test]
fn the_sender_must_be_allowed_to_give_all_grants_of_the_recipient() {
    let mut world = World::new();
    for who in ["eve", "tess"] {
        assert_eq!(world.resend(who, SUMMIT, "xena").unwrap_err(), Refusal::Forbidden, "{who}");
    }
    assert!(world.resend("adam", SUMMIT, "xena").is_ok());

    // Also at a sister scope, where the same permissions without `access:manage` are not enough.
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).holding(GALA, Role::READER);
    world.add(nina.clone().invited_until(NOW));
    assert_eq!(world.resend("eve", SUMMIT, "nina").unwrap_err(), Refusal::Forbidden);
    let refused = world.resend("tess", TECH, "nina").unwrap_err();
    assert_eq!(refused, Refusal::CollaboratorNotFound, "her grants are below");
    assert!(world.resend("tess", SUMMIT, "nina").is_ok());
    world.add(world.collaborator("eve").clone().holding(GALA, Role::CONTRIBUTOR));
    assert_eq!(world.resend("eve", SUMMIT, "nina").unwrap_err(), Refusal::Forbidden);
    world.add(nina.invited_until(NOW.after(MINUTE)));
    assert_eq!(world.resend("eve", SUMMIT, "nina").unwrap_err(), Refusal::Forbidden, "pending");
}

#[test]
fn active_collaborators_and_those_whose_access_has_ended_have_nothing_to_resend() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).until(NOW);
    world.add(nina.invited_until(NOW.after(MINUTE)));
    for (who, refused) in [
        ("cora", Refusal::NotPending),
        ("lena", Refusal::NotPending),
        ("nina", Refusal::NotPending),
        ("sister", Refusal::CollaboratorNotFound),
        ("nobody", Refusal::CollaboratorNotFound),
    ] {
        assert_eq!(world.resend("eve", SUMMIT, who).unwrap_err(), refused, "{who}");
    }
}

#[test]
fn the_platform_can_resend_to_everyone_owners_included() {
    let mut world = World::new();
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW));
    let used = world.client().seats.used;
    world.done(world.resend("platform", ACME, "olga"));
    assert_eq!(world.collaborator("olga").status(NOW), Status::Pending);
    assert_eq!(world.client().seats.used, used);
    world.done(world.resend("platform", SUMMIT, "pia"));
    for (at, who, refused) in [
        (GALA, "gwen", Refusal::NotPending),
        (GALA, "pia", Refusal::CollaboratorNotFound),
        ("acme:tech:none", "pia", Refusal::ScopeNotFound),
    ] {
        assert_eq!(world.resend("platform", at, who).unwrap_err(), refused, "{who} at {at}");
    }
}

#[test]
fn only_an_owner_above_can_resend_to_an_owner() {
    let mut world = World::new();
    for expires_at in [NOW, NOW.after(MINUTE)] {
        world.add(collaborator("gwen").holding(GALA, Role::Owner).invited_until(expires_at));
        for who in ["sister", "adam"] {
            assert_eq!(world.resend(who, GALA, "gwen").unwrap_err(), Refusal::Forbidden, "{who}");
        }
        assert!(world.resend("olga", GALA, "gwen").is_ok());
    }
}
