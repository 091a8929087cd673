//! To whom a mail is still sent when its turn comes: what has become of the person meanwhile decides.

use crate::prelude::*;

/// Whether the first mail of what was decided is still of use to `who` in `world`.
fn is_sent(mail: &Mail, world: &World, who: &str) -> bool {
    let collaborator = world.knows(who).then(|| world.collaborator(who));
    mail.recipient(collaborator, world.now).is_some()
}

#[test]
fn an_invitation_goes_to_whoever_is_still_pending_of_that_very_sending() {
    let mut world = World::new();
    let invited = world.invite("eve", SUMMIT, "nina", Role::Reader).unwrap().decision;
    world.apply(&invited);
    let first = invited.mails().first().unwrap();
    let recipient = first.recipient(Some(world.collaborator("nina")), NOW).unwrap();
    assert_eq!(recipient.email, world.collaborator("nina").email);
    world.wait(DAY);
    let resent = world.resend("eve", SUMMIT, "nina").unwrap().decision;
    world.apply(&resent);
    let second = resent.mails().first().unwrap();
    assert!(!is_sent(first, &world, "nina"), "replaced");
    assert!(is_sent(second, &world, "nina"));
    let mut later = World { now: world.now.after(DAY * 14), ..world.clone() };
    assert!(!is_sent(second, &later, "nina"), "expired");
    later.now = world.now;
    let active = later.login("nina").unwrap().decision;
    later.apply(&active);
    assert!(!is_sent(second, &later, "nina"), "active");
    let taken = world.revoke("eve", SUMMIT, "nina", Extent::Here).unwrap().decision;
    world.apply(&taken);
    assert!(!is_sent(second, &world, "nina"), "removed");
}

#[test]
fn news_of_access_go_to_whoever_has_some() {
    let mut world = World::new();
    let changed = world.assign("eve", SUMMIT, "cora", Role::Manager).unwrap().decision;
    world.apply(&changed);
    let news = changed.mails().first().unwrap();
    assert!(is_sent(news, &world, "cora"));
    assert!(!is_sent(news, &world, "pia"), "somebody pending has none yet");
    assert!(!is_sent(news, &world, "xena"), "nor has somebody expired");
    let taken = world.revoke("eve", SUMMIT, "cora", Extent::Here).unwrap().decision;
    world.apply(&taken);
    assert!(!is_sent(news, &world, "cora"), "and whoever was removed is told of that alone");
    assert!(is_sent(taken.mails().first().unwrap(), &world, "cora"));
}
