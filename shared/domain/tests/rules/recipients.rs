//! Whether a queued mail is still sent: the record at the time of sending decides.

use crate::prelude::*;

fn is_sent(mail: &Mail, world: &World, who: &str) -> bool {
    let collaborator = world.knows(who).then(|| world.collaborator(who));
    mail.recipient(collaborator, world.now).is_some()
}

#[test]
fn only_the_last_invitation_mail_of_a_pending_collaborator_is_sent() {
    let mut world = World::new();
    let invited = world.done(world.invite("eve", SUMMIT, "nina", Role::READER)).decision;
    let first = mail(&invited);
    let recipient = first.recipient(Some(world.collaborator("nina")), NOW).unwrap();
    assert_eq!(recipient.email, world.collaborator("nina").email);
    world.wait(DAY);
    let resent = world.done(world.resend("eve", SUMMIT, "nina")).decision;
    let second = mail(&resent);
    assert!(!is_sent(first, &world, "nina"), "replaced");
    assert!(is_sent(second, &world, "nina"));
    let mut later = World { now: world.now.after(DAY * 14), ..world.clone() };
    assert!(!is_sent(second, &later, "nina"), "expired");
    later.now = world.now;
    later.done(later.login("nina"));
    assert!(!is_sent(second, &later, "nina"), "active");
    world.done(world.revoke("eve", SUMMIT, "nina", Extent::Here));
    assert!(!is_sent(second, &world, "nina"), "removed");
}

#[test]
fn mails_about_access_are_sent_to_active_collaborators() {
    let mut world = World::new();
    let changed = world.done(world.assign("eve", SUMMIT, "cora", Role::MANAGER)).decision;
    let news = mail(&changed);
    for (who, sent) in [("cora", true), ("pia", false), ("xena", false)] {
        assert_eq!(is_sent(news, &world, who), sent, "{who}");
    }
    let revoked = world.done(world.revoke("eve", SUMMIT, "cora", Extent::Here)).decision;
    assert!(!is_sent(news, &world, "cora"));
    assert!(is_sent(mail(&revoked), &world, "cora"), "the mail about the revocation is");
}
