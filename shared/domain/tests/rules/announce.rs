//! Announcements.

use crate::prelude::*;

fn words() -> AnnouncementText {
    let (subject, text) =
        (MailSubject::parse("Maintenance"), Paragraphs::parse("Ce soir.\nMerci."));
    AnnouncementText { subject: subject.unwrap(), text: text.unwrap() }
}

pub fn write(world: &World, by: &str, at: &str) -> Result<Outcome<usize>, Refusal> {
    write_to(world, by, at, To::People(RecipientFilter::default()))
}

fn write_to(world: &World, by: &str, at: &str, to: To) -> Result<Outcome<usize>, Refusal> {
    let command = AnnounceCommand { content: words(), to };
    let collaborators: Vec<Collaborator> = world.collaborators.values().cloned().collect();
    let facts = world.facts(by, at, "nobody");
    announce::decide(&facts, &collaborators, &command, mail_id("message"), world.now)
}

fn announcement(world: &World, by: &str, at: &str) -> Announcement {
    write(world, by, at).unwrap().decision.announcement().unwrap().clone()
}

/// The mails of an announcement, step by step.
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
fn grantors_can_send_announcements() {
    let world = World::new();
    for (by, at) in [
        ("olga", ACME),
        ("adam", ACME),
        ("adam", GALA),
        ("tess", TECH),
        ("tess", GUILD),
        ("eve", SUMMIT),
        ("gwen", GALA),
        ("platform", ACME),
    ] {
        assert!(write(&world, by, at).is_ok(), "{by} at {at}");
    }
    for (by, at, refused) in [
        ("rita", ACME, Refusal::Forbidden),
        ("cora", SUMMIT, Refusal::Forbidden),
        ("carl", SUMMIT, Refusal::Forbidden),
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
fn if_only_owners_grant_only_they_can_announce() {
    let mut world = World::new();
    world.client_mut().granting = Granting::Owner;
    assert!(write(&world, "olga", SUMMIT).is_ok());
    assert!(write(&world, "gwen", GALA).is_ok());
    for (by, at) in [("adam", ACME), ("eve", SUMMIT)] {
        assert_eq!(write(&world, by, at).unwrap_err(), Refusal::Forbidden, "{by}");
    }
}

// docs/decisions/0012-who-receives-an-announcement.md
#[test]
fn everyone_with_live_access_on_the_path_or_below_receives_it() {
    let world = World::new();
    let client = ["olg", "adam", "rit"];
    let summit = ["eve", "cor", "max", "sue", "obi", "carl"];
    let gala = ["gwen", "sister"];
    for (at, recipients) in [
        (ACME, [&client[..], &["tess"], &summit, &gala].concat()),
        (TECH, [&client[..], &["tess"], &summit, &gala].concat()),
        (ARTS, client.to_vec()),
        (SUMMIT, [&client[..], &["tess"], &summit].concat()),
        (GALA, [&client[..], &["tess"], &gala].concat()),
        (GUILD, [&client[..], &["tess"]].concat()),
    ] {
        let written = write(&world, "olga", at).unwrap();
        let mails = steps(&world, written.decision.announcement().unwrap()).concat();
        assert_eq!(names(&mails), recipients.into_iter().collect(), "{at}");
        assert_eq!(written.answer, mails.len(), "{at}");
    }
}

fn holding(roles: &[RoleName], here: bool) -> RecipientFilter {
    RecipientFilter { roles: roles.iter().copied().collect(), here, only: None }
}

#[test]
fn a_filter_counts_the_grants_of_its_roles_and_with_here_only_those_on_the_scope() {
    let mut world = World::new();
    let ended = collaborator("tim").holding(SUMMIT, Role::OBSERVER).until(NOW);
    world.add(ended.holding(GALA, Role::READER));
    let (reader, manager, observer) = (RoleName::READER, RoleName::MANAGER, RoleName::OBSERVER);
    let administrators = holding(&[RoleName::Administrator], false);
    for (at, filter, right) in [
        (SUMMIT, holding(&[reader], false), &["rit"][..]),
        (SUMMIT, holding(&[manager, observer], false), &["max", "obi"]),
        (SUMMIT, holding(&[observer, reader], true), &["obi"]),
        (SUMMIT, holding(&[], true), &["carl", "cor", "eve", "max", "obi", "sue"]),
        (SUMMIT, administrators.clone(), &["adam", "eve", "tess"]),
        (TECH, administrators, &["adam", "eve", "sister", "tess"]),
        (TECH, holding(&[reader], false), &["rit", "tim"]),
        (ACME, holding(&[], true), &["adam", "olg", "rit"]),
    ] {
        let written = write_to(&world, "olga", at, To::People(filter.clone())).unwrap();
        let mails = steps(&world, written.decision.announcement().unwrap()).concat();
        assert_eq!(names(&mails), right.iter().copied().collect(), "{at} {filter:?}");
        assert_eq!(written.answer, right.len(), "{at} {filter:?}");
    }
}

#[test]
fn callers_can_mail_themselves_alone_and_the_platform_cannot() {
    let world = World::new();
    for by in ["eve", "for eve"] {
        let written = write_to(&world, by, SUMMIT, To::Caller).unwrap();
        let mails = steps(&world, written.decision.announcement().unwrap()).concat();
        assert_eq!((names(&mails), written.answer), (["eve"].into(), 1), "{by}");
    }
    let refused = write_to(&world, "platform", SUMMIT, To::Caller).unwrap_err();
    assert_eq!(refused, Refusal::InvalidField { pointer: "/to/onlyMe" });
    let refused = write_to(&world, "cora", SUMMIT, To::Caller).unwrap_err();
    assert_eq!(refused, Refusal::Forbidden);
}

#[test]
fn a_filter_that_leaves_no_one_is_refused_and_everyone_may_be_no_one() {
    let mut world = World::new();
    let nobody = || To::People(holding(&[RoleName::SUPERVISOR], true));
    assert_eq!(write_to(&world, "olga", ACME, nobody()).unwrap_err(), Refusal::NoRecipients);
    world.collaborators.clear();
    assert_eq!(write(&world, "platform", ACME).unwrap().answer, 0);
}

#[test]
fn an_ended_grant_does_not_make_a_recipient_of_an_active_collaborator() {
    let mut world = World::new();
    let ends = NOW.after(MINUTE);
    world.add(
        collaborator("tim").holding(SUMMIT, Role::READER).until(ends).holding(GALA, Role::READER),
    );
    let everyone = RecipientFilter::default();
    let tim =
        |world: &World, at| everyone.includes(world.collaborator("tim"), &scope(at), world.now);
    assert!(tim(&world, SUMMIT) && tim(&world, GALA) && tim(&world, ACME));
    world.wait(MINUTE);
    assert!(!tim(&world, SUMMIT) && tim(&world, GALA) && tim(&world, ACME));
}

#[test]
fn an_announcement_is_counted_once_and_changes_no_collaborator() {
    let world = World::new();
    let decision = write(&world, "eve", SUMMIT).unwrap().decision;
    let mut counted = world.client().clone();
    counted.mails.announcements = 1;
    for share in ["a-at-acme:tech:summit", "a-by-eveaaaaaaa"] {
        counted.mails.shares.insert(Share::from_text(share.to_owned()), 1);
    }
    assert_eq!(
        decision.client(),
        Some(&Change::Update { before: world.client().clone(), after: counted })
    );
    let eve = Change::Check(world.collaborator("eve").clone());
    assert_eq!(decision.collaborators(), [eve], "her record must be unchanged");
    assert!(decision.history().is_empty() && decision.mails().is_empty());
    assert!(!decision.is_empty());
    let announcement = decision.announcement().unwrap();
    assert_eq!(announcement.content, words());
    assert_eq!(
        (&announcement.scope, &announcement.scope_name),
        (&scope(SUMMIT), &name("tech:summit"))
    );
    let eve = Actor::User { email: email("eve"), name: Some(name("eve")), via: None };
    assert_eq!(announcement.actor, eve);
}

#[test]
fn a_client_sends_20_announcements_a_day_of_which_one_giver_has_8_and_one_event_12() {
    let mut world = World::new();
    let retry_after = DAY.checked_sub(Duration::from_hours(8)).unwrap();
    for (by, at, times, budget) in [
        ("eve", SUMMIT, 8, MailBudget::Giver),
        ("adam", SUMMIT, 4, MailBudget::Scope),
        ("olga", ACME, 8, MailBudget::Client),
    ] {
        for _ in 0..times {
            world.done(write(&world, by, at));
        }
        let refused = write(&world, by, at).unwrap_err();
        assert_eq!(refused, Refusal::MailLimit { budget, retry_after }, "{by}");
    }
    let refused = write(&world, "cora", SUMMIT).unwrap_err();
    assert_eq!(refused, Refusal::Forbidden, "permissions come before the limit");
    assert!(world.invite("eve", SUMMIT, "nina", Role::READER).is_ok(), "not for invitations");
    world.wait(retry_after);
    assert!(write(&world, "eve", SUMMIT).is_ok());
}

#[test]
fn mails_are_written_in_steps_with_one_stable_id_for_each_recipient() {
    let mut world = World::new();
    let letters = || ('b'..='h').flat_map(|one| ('b'..='h').map(move |two| format!("x{one}{two}")));
    letters().for_each(|who| world.add(collaborator(&who).holding(SUMMIT, Role::READER)));
    let message = announcement(&world, "eve", SUMMIT);
    let written = steps(&world, &message);
    assert_eq!(written.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 9]);
    let mails = written.concat();
    let mail_ids: BTreeSet<&str> = mails.iter().map(|mail| mail.mail_id.as_str()).collect();
    assert_eq!((mail_ids.len(), names(&mails).len()), (59, 59));
    assert_eq!(steps(&world, &message).concat(), mails);
    for mail in &mails {
        let of_message = mail_id("message").as_str().to_owned();
        assert_eq!(mail.mail_id.as_str(), format!("{of_message}#{}", mail.collaborator));
        assert_eq!(mail.mail_id.ulid(), of_message);
    }
}

#[test]
fn a_recipient_who_is_removed_between_two_steps_is_skipped_and_no_other_is() {
    let mut world = World::new();
    let message = announcement(&world, "eve", SUMMIT);
    let first = id("cora");
    world.collaborators.remove(&first);
    world.collaborators.remove(&id("max"));
    let rest = message.next(&world.collaborators, Some(&first), world.now);
    let recipients = ["eve", "obi", "olg", "rit", "sue", "tess"];
    assert_eq!(names(&rest), recipients.into());
}

#[test]
fn a_mail_is_in_the_language_of_its_recipient_and_names_no_role() {
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
fn a_recipient_who_loses_access_before_the_mail_is_sent_gets_none() {
    let mut world = World::new();
    world.add(collaborator("tim").holding(SUMMIT, Role::READER).holding(GALA, Role::READER));
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

#[test]
fn a_recipient_who_loses_the_role_before_the_mail_is_sent_gets_none() {
    let mut world = World::new();
    let managers = To::People(holding(&[RoleName::MANAGER], false));
    let written = write_to(&world, "eve", SUMMIT, managers).unwrap();
    let mails = steps(&world, written.decision.announcement().unwrap()).concat();
    let to_max = mails.iter().find(|mail| mail.collaborator == id("max")).unwrap();
    assert!(to_max.recipient(Some(world.collaborator("max")), world.now).is_some());
    world.edit("max", |it| {
        it.grants.values_mut().for_each(|grant| grant.role = Role::OBSERVER);
    });
    assert_eq!(to_max.recipient(Some(world.collaborator("max")), world.now), None);
}
