//! Messages to everybody.

use coulisses_domain::announce;

use crate::prelude::*;

fn words() -> AnnouncementText {
    let (subject, text) =
        (MailSubject::parse("Maintenance"), Paragraphs::parse("Ce soir.\nMerci."));
    AnnouncementText { subject: subject.unwrap(), text: text.unwrap() }
}

pub fn write(world: &World, by: &str, at: &str) -> Result<Outcome<usize>, Refusal> {
    let collaborators: Vec<Collaborator> = world.collaborators.values().cloned().collect();
    let facts = world.facts(by, at, "nobody");
    announce::decide(&facts, &collaborators, &words(), mail_id("message"), world.now)
}

fn announcement(world: &World, by: &str, at: &str) -> Announcement {
    write(world, by, at).unwrap().decision.announcement().unwrap().clone()
}

/// Whom the mails of a message are for, step by step.
fn steps(world: &World, message: &Announcement) -> Vec<Vec<Mail>> {
    let (mut steps, mut after) = (Vec::new(), None::<CollaboratorId>);
    loop {
        let mails = message.next(&world.collaborators, after.as_ref(), world.now);
        let Some(last) = mails.last() else { return steps };
        after = Some(last.collaborator.clone());
        steps.push(mails);
    }
}

fn names(mails: &[Mail]) -> BTreeSet<&str> {
    mails.iter().map(|mail| mail.collaborator.as_str().trim_end_matches('a')).collect()
}

#[test]
fn whoever_may_give_access_there_writes_to_everybody() {
    let world = World::new();
    for (by, at) in [
        ("olga", ACME),
        ("adam", ACME),
        ("adam", GALA),
        ("tess", TECH),
        ("tess", GUILD),
        ("eve", SUMMIT),
        ("gwen", GALA),
    ] {
        assert!(write(&world, by, at).is_ok(), "{by} at {at}");
    }
    for (by, at, refused) in [
        ("rita", ACME, Refusal::Forbidden),
        ("cora", SUMMIT, Refusal::Forbidden),
        ("carl", SUMMIT, Refusal::Forbidden),
        ("platform", ACME, Refusal::Forbidden),
        ("eve", GALA, Refusal::ScopeNotFound),
        ("eve", TECH, Refusal::ScopeNotFound),
        ("paul", ACME, Refusal::ScopeNotFound),
        ("lena", SUMMIT, Refusal::ScopeNotFound),
        ("stranger", ACME, Refusal::ScopeNotFound),
        ("olga", "acme:tech:nothing", Refusal::ScopeNotFound),
    ] {
        assert_eq!(write(&world, by, at).unwrap_err(), refused, "{by} at {at}");
    }
}

#[test]
fn where_only_owners_give_access_only_they_write() {
    let mut world = World::new();
    world.client_mut().granting = Granting::Owner;
    assert!(write(&world, "olga", SUMMIT).is_ok());
    assert!(write(&world, "gwen", GALA).is_ok());
    for (by, at) in [("adam", ACME), ("eve", SUMMIT)] {
        assert_eq!(write(&world, by, at).unwrap_err(), Refusal::Forbidden, "{by}");
    }
}

// Decision 0012.
#[test]
fn it_goes_to_all_whose_access_counts_there_or_below_the_sender_included_and_to_nobody_else() {
    let world = World::new();
    let client = ["olg", "adam", "rit"];
    let summit = ["eve", "cor", "max", "sue", "obi", "carl"];
    let gala = ["gwen", "sister"];
    for (at, told) in [
        (ACME, [&client[..], &["tess"], &summit, &gala].concat()),
        (TECH, [&client[..], &["tess"], &summit, &gala].concat()),
        (ARTS, client.to_vec()),
        (SUMMIT, [&client[..], &["tess"], &summit].concat()),
        (GALA, [&client[..], &["tess"], &gala].concat()),
        (GUILD, [&client[..], &["tess"]].concat()),
    ] {
        let written = write(&world, "olga", at).unwrap();
        let mails = steps(&world, written.decision.announcement().unwrap()).concat();
        assert_eq!(names(&mails), told.into_iter().collect(), "{at}");
        assert_eq!(written.answer, mails.len(), "{at}");
    }
}

#[test]
fn a_grant_that_has_ended_is_no_access_even_of_somebody_who_is_active_elsewhere() {
    let mut world = World::new();
    let ends = NOW.after(MINUTE);
    world.add(
        collaborator("tim").holding(SUMMIT, Role::Reader).until(ends).holding(GALA, Role::Reader),
    );
    let tim =
        |world: &World, at| world.collaborator("tim").receives_announcements(&scope(at), world.now);
    assert!(tim(&world, SUMMIT) && tim(&world, GALA) && tim(&world, ACME));
    world.wait(MINUTE);
    assert!(!tim(&world, SUMMIT) && tim(&world, GALA) && tim(&world, ACME));
}

#[test]
fn it_is_counted_and_written_once_and_changes_nobody() {
    let world = World::new();
    let decision = write(&world, "eve", SUMMIT).unwrap().decision;
    let mut counted = world.client().clone();
    counted.mails.announcements = 1;
    assert_eq!(
        decision.client(),
        Some(&Change::Update { before: world.client().clone(), after: counted })
    );
    let eve = Change::Check(world.collaborator("eve").clone());
    assert_eq!(decision.collaborators(), [eve], "she may still give when it is written");
    assert!(decision.history().is_empty() && decision.mails().is_empty());
    assert!(!decision.is_empty());
    let announcement = decision.announcement().unwrap();
    assert_eq!(announcement.content, words());
    assert_eq!(
        (&announcement.scope, &announcement.scope_name),
        (&scope(SUMMIT), &name("tech:summit"))
    );
    let eve = Actor::User { email: email("eve"), name: Some(name("eve")) };
    assert_eq!(announcement.actor, eve);
}

#[test]
fn one_client_sends_twenty_a_day_and_again_the_next_day() {
    let mut world = World::new();
    for _ in 0..20 {
        world.done(write(&world, "eve", SUMMIT));
    }
    let retry_after = DAY.checked_sub(Duration::from_hours(8)).unwrap();
    for (by, at) in [("eve", SUMMIT), ("gwen", GALA), ("olga", ACME)] {
        let refused = write(&world, by, at).unwrap_err();
        assert_eq!(refused, Refusal::MailLimit { retry_after }, "{by}");
    }
    let refused = write(&world, "cora", SUMMIT).unwrap_err();
    assert_eq!(refused, Refusal::Forbidden, "the limit is for those who may");
    assert!(world.invite("eve", SUMMIT, "nina", Role::Reader).is_ok(), "invitations go on");
    world.wait(retry_after);
    assert!(write(&world, "eve", SUMMIT).is_ok());
}

#[test]
fn it_is_written_out_in_steps_each_person_once_under_an_id_that_is_always_the_same() {
    let mut world = World::new();
    let letters = || ('b'..='h').flat_map(|one| ('b'..='h').map(move |two| format!("x{one}{two}")));
    letters().for_each(|who| world.add(collaborator(&who).holding(SUMMIT, Role::Reader)));
    let message = announcement(&world, "eve", SUMMIT);
    let written = steps(&world, &message);
    assert_eq!(written.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 9]);
    let mails = written.concat();
    let mail_ids: BTreeSet<&str> = mails.iter().map(|mail| mail.mail_id.as_str()).collect();
    assert_eq!((mail_ids.len(), names(&mails).len()), (59, 59));
    assert_eq!(steps(&world, &message).concat(), mails);
    for mail in &mails {
        assert_eq!(mail.mail_id.as_str(), format!("message#{}", mail.collaborator));
        assert_eq!(mail.mail_id.ulid(), "message");
    }
}

#[test]
fn whoever_goes_between_two_steps_gets_none_and_nobody_is_passed_over() {
    let mut world = World::new();
    let message = announcement(&world, "eve", SUMMIT);
    let first = id("cora");
    world.collaborators.remove(&first);
    world.collaborators.remove(&id("max"));
    let rest = message.next(&world.collaborators, Some(&first), world.now);
    let told = ["eve", "obi", "olg", "rit", "sue", "tess"];
    assert_eq!(names(&rest), told.into());
}

#[test]
fn a_mail_is_in_the_language_of_its_reader_and_names_no_role() {
    let mut world = World::new();
    world.client_mut().locale = Locale::En;
    world.edit("cora", |it| it.locale = Some(Locale::Fr));
    let mails = steps(&world, &announcement(&world, "eve", SUMMIT)).concat();
    for mail in mails {
        let french = mail.collaborator == id("cora");
        assert_eq!(mail.locale, if french { Locale::Fr } else { Locale::En });
        assert_eq!((mail.kind, mail.role, mail.access_until), (MailKind::Announcement, None, None));
        assert_eq!(mail.announced, Some(words()));
    }
}

#[test]
fn whoever_lost_the_access_before_the_mail_leaves_gets_none() {
    let mut world = World::new();
    world.add(collaborator("tim").holding(SUMMIT, Role::Reader).holding(GALA, Role::Reader));
    let mails = steps(&world, &announcement(&world, "eve", SUMMIT)).concat();
    let to = |who: &str| mails.iter().find(|mail| mail.collaborator == id(who)).unwrap();
    let still = |world: &World, who: &str| {
        to(who).recipient(world.collaborators.get(&id(who)), world.now).is_some()
    };
    assert!(still(&world, "cora") && still(&world, "tim"));
    for who in ["cora", "tim"] {
        world.done(world.revoke("eve", SUMMIT, who, Extent::Here));
        assert!(!still(&world, who), "{who}");
    }
    assert!(still(&world, "max"));
}
