//! Sending an invitation again.

use crate::prelude::*;

#[test]
fn a_resend_makes_a_new_link_kills_the_old_one_and_renews_it() {
    let mut world = World::new();
    let old = world.deliver("pia", 1);
    let before = world.collaborator("pia").clone();
    let outcome = world.done(world.resend("eve", SUMMIT, "pia"));
    let pia = world.collaborator("pia");
    let invitation = pia.invitation().unwrap();
    assert_eq!((invitation.token_hash, invitation.delivery), (None, Delivery::Queued));
    assert_eq!(invitation.mail_id, mail_id("again"));
    assert_eq!(invitation.expires_at, NOW.after(14 * DAY));
    assert_eq!(pia.version, before.version, "nobody's role change gets stale by it");
    assert_eq!(world.accept(&world.caller("pia"), &old).unwrap_err(), Refusal::InvitationNotFound);
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, &mail.mail_id), (MailKind::Invitation, &mail_id("again")));
    assert_eq!(entry(&outcome.decision).action, Action::Resent);
    let new = world.deliver("pia", 2);
    assert!(world.accept(&world.caller("pia"), &new).is_ok());
}

#[test]
fn a_resend_to_somebody_expired_revives_him_with_a_new_version() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("xena").clone();
    world.done(world.resend("adam", ACME, "xena"));
    let xena = world.collaborator("xena");
    assert_eq!((xena.status(NOW), &xena.grants), (Status::Pending, &before.grants));
    assert!(xena.version > before.version);
    assert_eq!(world.client().seats.used, world.usage(), "his seat was not given back yet");
}

#[test]
fn a_resend_to_somebody_whose_seat_was_given_back_takes_one_again() {
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

// Security, line 21.
#[test]
fn somebody_expired_is_revived_only_by_whoever_may_give_all_that_comes_back() {
    let world = World::new();
    for who in ["eve", "tess"] {
        assert_eq!(world.resend(who, SUMMIT, "xena").unwrap_err(), Refusal::Forbidden, "{who}");
    }
    assert!(world.resend("adam", SUMMIT, "xena").is_ok());
}

#[test]
fn somebody_expired_with_a_grant_at_a_sister_is_not_revived_from_here() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::Reader).holding(GALA, Role::Reader);
    world.add(nina.clone().invited_until(NOW));
    assert_eq!(world.resend("eve", SUMMIT, "nina").unwrap_err(), Refusal::Forbidden);
    assert!(world.resend("tess", TECH, "nina").is_err(), "nothing is seen from there");
    assert!(world.resend("tess", SUMMIT, "nina").is_ok());
    let eve = world.collaborator("eve").clone();
    world.add(eve.clone().holding(GALA, Role::Contributor));
    let refused = world.resend("eve", SUMMIT, "nina").unwrap_err();
    assert_eq!(refused, Refusal::Forbidden, "whoever holds as much there may still not give it");
    world.add(eve);
    world.add(nina.invited_until(NOW.after(MINUTE)));
    assert!(world.resend("eve", SUMMIT, "nina").is_ok(), "nobody pending is revived");
}

#[test]
fn somebody_active_is_not_invited_again_nor_is_access_that_has_ended() {
    let mut world = World::new();
    world.add(
        collaborator("nina")
            .holding(SUMMIT, Role::Reader)
            .until(NOW)
            .invited_until(NOW.after(MINUTE)),
    );
    for who in ["cora", "lena", "nina"] {
        assert_eq!(world.resend("eve", SUMMIT, who).unwrap_err(), Refusal::NotPending, "{who}");
    }
}

#[test]
fn the_platform_resends_to_an_owner_and_to_nobody_else() {
    let mut world = World::new();
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW));
    let used = world.client().seats.used;
    world.done(world.resend("platform", ACME, "olga"));
    assert_eq!(world.collaborator("olga").status(NOW), Status::Pending);
    assert_eq!(world.client().seats.used, used);
    for (at, who, refused) in [
        (SUMMIT, "pia", Refusal::Forbidden),
        (SUMMIT, "olga", Refusal::Forbidden),
        (GALA, "gwen", Refusal::NotPending),
        (GALA, "pia", Refusal::CollaboratorNotFound),
        ("acme:tech:none", "pia", Refusal::ScopeNotFound),
    ] {
        assert_eq!(world.resend("platform", at, who).unwrap_err(), refused, "{who} at {at}");
    }
}

#[test]
fn an_expired_owner_is_invited_again_by_whoever_may_give_there() {
    let mut world = World::new();
    world.add(collaborator("gwen").holding(GALA, Role::Owner).invited_until(NOW));
    assert!(world.resend("sister", GALA, "gwen").is_ok());
}

#[test]
fn whoever_holds_nothing_here_is_not_sent_anything() {
    let world = World::new();
    for who in ["sister", "nobody"] {
        assert_eq!(world.resend("eve", SUMMIT, who).unwrap_err(), Refusal::CollaboratorNotFound);
    }
}
