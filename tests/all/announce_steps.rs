//! How a message to everybody becomes mails: in steps that nothing can half do, each mail once.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_aws::table::{Leased, LeasedAnnouncement, key::Key};
use coulisses_tests::{Fault, Trip, World};
use tokio::sync::oneshot;

use crate::{
    announce::{receivers, write},
    support::{acme, active, id_of, rows},
};

const OWNER: &str = "owner@acme.test";
const SUMMIT: &str = "acme:tech:summit";
const MINUTE: Duration = Duration::from_mins(1);

/// `acme` with sixty people in all, and a message to them in the outbox.
async fn a_message_to_sixty() -> World {
    let world = acme().await;
    active(&world, "p0@example.org", SUMMIT, "reader").await;
    world.deliver().await;
    // The others are copies of the first one, since to invite them all takes its time.
    let first =
        rows(&world, "C#acme").await.remove(&format!("P#{}", id_of(&world, "p0@example.org")));
    for number in 1..59 {
        let email = format!("p{number}@example.org");
        let mut person = first.clone().unwrap();
        person.insert("sk".into(), AttributeValue::S(format!("P#{}", id_of(&world, &email))));
        person.insert("email".into(), AttributeValue::S(email));
        let put = world.dynamodb().put_item().table_name("coulisses");
        put.set_item(Some(person)).send().await.unwrap();
    }
    assert_eq!(write(&world, OWNER, "acme").await.expect(202).body["recipients"], 60);
    drop(world.trips());
    world
}

/// How many mails each step wrote.
fn steps(trips: &[Trip]) -> Vec<usize> {
    let steps = trips.iter().filter(|trip| trip.operation == "TransactWriteItems");
    steps.map(|step| step.request["TransactItems"].as_array().unwrap().len() - 1).collect()
}

/// The mails that wait, but for the message itself.
async fn waiting(world: &World) -> BTreeSet<String> {
    let rows = rows(world, "O#").await.into_keys();
    rows.filter(|sk| sk.contains('#')).collect()
}

async fn all_sixty_are_told_once(world: &World) {
    world.deliver().await;
    assert_eq!(rows(world, "O#").await.len(), 0);
    let to = receivers(&world.ses.mails());
    let different: BTreeSet<&String> = to.iter().collect();
    assert_eq!((to.len(), different.len()), (60, 60));
}

#[tokio::test]
async fn sixty_mails_are_written_in_three_steps_before_any_is_sent_and_each_is_sent_once() {
    let world = a_message_to_sixty().await;
    let message = rows(&world, "O#").await.into_keys().next().unwrap();
    world.deliver().await;
    let trips = world.trips();
    assert_eq!(steps(&trips), [25, 25, 10]);
    let reads = trips.iter().filter(|trip| trip.operation == "Query");
    assert_eq!(reads.count(), 1, "the client is read once");
    assert_eq!(world.ses.mails().len(), 0);
    let mails = waiting(&world).await;
    let ids: BTreeSet<String> = (0..59)
        .map(|number| id_of(&world, &format!("p{number}@example.org")))
        .chain([id_of(&world, OWNER)])
        .collect();
    let right: BTreeSet<String> = ids.iter().map(|id| format!("{message}#{id}")).collect();
    assert_eq!(mails, right);
    assert_eq!(rows(&world, "O#").await.len(), 60, "the message itself is done with");
    all_sixty_are_told_once(&world).await;
}

/// Lets `deliver` write a message out, and ends it as Lambda would, in the middle of step `last`.
async fn crash_in_step(world: &World, last: u32) {
    let (crash, crashed) = oneshot::channel();
    let (mut crash, mut step) = (Some(crash), 0);
    world.break_calls(move |trip| {
        step += u32::from(trip.operation == "TransactWriteItems");
        let ends = trip.operation == "TransactWriteItems" && step >= last;
        if let Some(crash) = crash.take_if(|_| ends) {
            crash.send(()).unwrap();
        }
        ends.then_some(Fault::Unreachable)
    });
    tokio::select! {
        _ = world.deliver() => panic!("it must not come to an end"),
        _ = crashed => {}
    }
    world.set_table_down(false);
}

#[tokio::test]
async fn a_crash_in_any_step_leaves_nobody_out_and_tells_nobody_twice() {
    for (last, written) in [(1, 0), (2, 25), (3, 50)] {
        let world = a_message_to_sixty().await;
        crash_in_step(&world, last).await;
        assert_eq!(waiting(&world).await.len(), written, "{last}");
        // What is written is sent already, while the message waits for the sweep.
        world.deliver().await;
        assert_eq!(world.ses.mails().len(), written, "{last}");
        world.wait(MINUTE * 2);
        drop(world.trips());
        world.sweep().await;
        assert_eq!(steps(&world.trips()).iter().sum::<usize>(), 60 - written, "{last}");
        all_sixty_are_told_once(&world).await;
    }
}

#[tokio::test]
async fn a_step_of_which_the_answer_is_lost_is_asked_for_again_and_done_once() {
    let world = a_message_to_sixty().await;
    let lost = AtomicU32::new(0);
    world.break_calls(move |trip| {
        let step = trip.operation == "TransactWriteItems";
        (step && lost.fetch_add(1, Ordering::SeqCst) < 2).then_some(Fault::AnswerLost)
    });
    world.deliver().await;
    let trips = world.trips();
    assert_eq!(steps(&trips), [25, 25, 25, 25, 10], "the first one three times");
    all_sixty_are_told_once(&world).await;
}

async fn taken_up(world: &World) -> LeasedAnnouncement {
    let rows = rows(world, "O#").await;
    let (sk, row) = rows.iter().find(|(sk, _)| !sk.contains('#')).unwrap();
    let key = Key { pk: row["pk"].as_s().unwrap().clone(), sk: sk.clone() };
    match world.app.table.lease(&key, world.now()).await.unwrap().unwrap() {
        Leased::Announcement(message) => message,
        Leased::Mail(_) => panic!("no message to everybody"),
    }
}

#[tokio::test]
async fn a_step_that_is_done_twice_writes_no_mail_again_even_if_it_is_sent_by_then() {
    let world = a_message_to_sixty().await;
    let (table, now) = (&world.app.table, world.now());
    let mut message = taken_up(&world).await;
    let client = message.announcement.client.clone();
    let collaborators = table.read_partition(&client, now).await.unwrap().collaborators;
    for sent in [25, 50] {
        let mails = message.announcement.next(&collaborators, message.after.as_ref(), now);
        let mut again = message.clone();
        assert!(table.expand(&mut message, &mails, now).await.unwrap());
        assert_eq!(message.after.as_ref(), mails.last().map(|mail| &mail.collaborator));
        world.deliver().await;
        assert_eq!((world.ses.mails().len(), waiting(&world).await.len()), (sent, 0));
        let before = again.after.clone();
        assert!(!table.expand(&mut again, &mails, now).await.unwrap());
        assert_eq!((again.after, waiting(&world).await.len()), (before, 0));
    }
    // Nor does somebody write whose time is over, as another delivery has it by now.
    world.wait(MINUTE);
    let next = taken_up(&world).await;
    assert_eq!(next.after, message.after);
    let mails = message.announcement.next(&collaborators, message.after.as_ref(), now);
    assert!(!table.expand(&mut message, &mails, now).await.unwrap());
    world.wait(MINUTE * 2);
    world.sweep().await;
    all_sixty_are_told_once(&world).await;
}

#[tokio::test]
async fn what_time_does_not_allow_goes_on_at_the_next_sweep() {
    let world = Arc::new(a_message_to_sixty().await);
    let slow = Arc::clone(&world);
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" {
            slow.wait(Duration::from_secs(30));
        }
        None
    });
    world.deliver().await;
    assert_eq!(steps(&world.trips()), [25, 25], "after a minute it is given back");
    world.deliver().await;
    assert_eq!(world.ses.mails().len(), 50, "the stream brings what is written");
    world.wait(MINUTE);
    world.sweep().await;
    assert_eq!(steps(&world.trips()), [10]);
    world.set_table_down(false);
    all_sixty_are_told_once(&world).await;
}
