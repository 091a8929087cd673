//! The mail to those who manage an event, before its team's access ends.

use coulisses_domain::ending_team;

use crate::prelude::*;

const INSTANT: Duration = Duration::from_millis(1);

/// Access to this event ends in this many days.
fn world(event: &str, days: u32) -> World {
    let mut world = World::new();
    world.end_access_after(Some(0));
    world.end_event(event, NOW.after(DAY * days));
    world
}

/// The mails of an audit now, written, with their recipients.
fn mails(world: &mut World) -> Vec<(CollaboratorId, Mail)> {
    let before = world.clone();
    let teams =
        ending_team::ending(before.client(), &before.scopes, &before.collaborators, before.now);
    let mut mails = Vec::new();
    for team in &teams {
        for manager in &team.managers {
            let counter = world.counters.get(&manager.id).cloned();
            let (client, id, now) = (before.client(), mail_id("team"), before.now);
            let next = ending_team::notify(client, team, manager, counter.as_ref(), id, now);
            if let Some(next) = next {
                world.apply(&next.decision);
                let [mail] = next.decision.mails() else { panic!("one mail") };
                assert_eq!((mail.kind, mail.role), (MailKind::TeamEnding, None));
                mails.push((mail.collaborator.clone(), mail.clone()));
            }
        }
    }
    mails
}

/// The ids of the recipients.
fn recipients(world: &mut World) -> Vec<CollaboratorId> {
    mails(world).into_iter().map(|(to, _)| to).collect()
}

fn ids<const N: usize>(names: [&str; N]) -> Vec<CollaboratorId> {
    names.map(id).into()
}

#[test]
fn an_owner_is_notified_once_of_each_end_of_their_team_seven_days_before() {
    let mut world = world(GALA, 8);
    // Also has access that does not end.
    world.add(collaborator("nina").holding(GALA, Role::READER).holding(TECH, Role::READER));
    world.read_again();
    assert_eq!(recipients(&mut world), []);
    world.wait(DAY.saturating_sub(INSTANT));
    assert_eq!(recipients(&mut world), []);
    world.wait(INSTANT);
    assert_eq!(recipients(&mut world), ids(["gwen"]), "not the administrators above");
    world.wait(DAY);
    assert_eq!(recipients(&mut world), [], "once");
    world.end_event(GALA, NOW.after(DAY * 20));
    assert_eq!(recipients(&mut world), [], "postponed");
    world.wait(DAY * 11);
    assert_eq!(recipients(&mut world), ids(["gwen"]), "a new end");
    assert_eq!(world.counters[&id("gwen")].forget_at(), NOW.after(DAY * 21), "a day after the end");
    world.wait(DAY * 7);
    world.counters.clear();
    assert_eq!(recipients(&mut world), [], "the end has passed");
}

#[test]
fn the_counter_of_an_owner_forgets_the_ends_that_have_passed() {
    let mut world = world(GALA, 5);
    world.add(collaborator("gwen").holding(GALA, Role::Owner).holding(GUILD, Role::Owner));
    world.add(collaborator("nina").holding(GUILD, Role::READER));
    world.end_event(GUILD, NOW.after(DAY * 12));
    for (days, notified) in [(0, GALA), (6, GUILD)] {
        world.wait(DAY * days);
        assert_eq!(recipients(&mut world), ids(["gwen"]));
        let counter = &world.counters[&id("gwen")];
        assert_eq!(counter.teams_notified.keys().collect::<Vec<_>>(), [&scope(notified)]);
    }
}

#[test]
fn without_an_active_owner_those_who_can_manage_access_above_are_notified() {
    let mut world = world(SUMMIT, 7);
    assert_eq!(recipients(&mut world.clone()), ids(["tess"]), "of the audience");
    world.collaborators.remove(&id("tess"));
    let mut found = recipients(&mut world);
    found.sort();
    let mut expected = ids(["adam", "olga"]);
    expected.sort();
    assert_eq!(found, expected, "of the client; Paul is pending, and Xena's invitation expired");
}

#[test]
fn the_mail_counts_the_people_whose_access_ends_then_and_names_ten_of_them() {
    let mut world = world(SUMMIT, 5);
    let readers = |role| collaborator("nina").holding(SUMMIT, role);
    for nina in [
        readers(Role::READER).until(NOW.after(DAY)),
        readers(Role::Owner).invited_until(NOW.after(DAY)),
    ] {
        world.add(nina);
        world.read_again();
        let (_, mail) = mails(&mut world.clone()).pop().unwrap();
        assert!(!mail.team.unwrap().named.contains(&id("nina")));
    }
    let (_, mail) = mails(&mut world.clone()).pop().unwrap();
    let team = mail.team.clone().unwrap();
    // Carl, Cora, Eve, Max, Obi, Pia, who is pending, and Sue.
    assert_eq!(team.named, ids(["carl", "cora", "eve", "max", "obi", "pia", "sue"]), "by name");
    assert_eq!((team.size, mail.access_until), (7, Some(NOW.after(DAY * 5))));
    for number in 0..9 {
        world.add(collaborator(&numbered(number)).holding(SUMMIT, Role::READER));
    }
    world.read_again();
    let (_, mail) = mails(&mut world).pop().unwrap();
    let team = mail.team.unwrap();
    assert_eq!((team.named.len(), team.size), (10, 16));
}

#[test]
fn a_mail_names_those_whose_access_still_ends_then_and_is_not_sent_without_them() {
    let mut world = world(SUMMIT, 5);
    let (to, mail) = mails(&mut world).pop().unwrap();
    let named = |world: &World| {
        let people = mail.named_people(&world.collaborators, world.now)?;
        Some(people.into_iter().map(|person| person.id.clone()).collect::<Vec<_>>())
    };
    assert!(mail.recipient(world.collaborators.get(&to), world.now).is_some());
    world.collaborators.remove(&id("cora"));
    assert_eq!(named(&world).unwrap(), ids(["carl", "eve", "max", "obi", "pia", "sue"]));
    world.end_event(SUMMIT, NOW.after(DAY * 6));
    assert_eq!(named(&world), None, "the event was postponed");
}

#[test]
fn a_team_without_anyone_whose_access_ends_gets_no_mail() {
    let mut world = world(GUILD, 5);
    assert_eq!(recipients(&mut world), []);
    world.add(collaborator("nina").holding(GUILD, Role::READER));
    world
        .collaborators
        .get_mut(&id("nina"))
        .unwrap()
        .grants
        .get_mut(&scope(GUILD))
        .unwrap()
        .outlives_event = true;
    world.read_again();
    assert_eq!(recipients(&mut world), []);
}
