//! How an announcement becomes mails: in atomic steps, each mail once.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use coulisses_aws::table::{QueuedContent, QueuedMail, key::Key};
use coulisses_domain::{announcement::Announcement, ids::CollaboratorId};
use coulisses_tests::{Fault, Trip, World};
use tokio::sync::oneshot;

use crate::{
    announce::{announce, recipients},
    support::{OWNER, SUMMIT, acme, active, id_of, rows},
};

const MINUTE: Duration = Duration::from_mins(1);

/// `acme` with sixty collaborators and an announcement to them in the outbox.
async fn an_announcement_to_sixty() -> World {
    let world = acme().await;
    active(&world, "p0@example.org", SUMMIT, "reader").await;
    world.deliver().await;
    world.add_collaborators(("acme", "p0@example.org"), 59, 0).await;
    assert_eq!(announce(&world, OWNER, "acme").await.expect(202).body["recipients"], 60);
    drop(world.trips());
    world
}

/// How many mails each step queued.
fn steps(trips: &[Trip]) -> Vec<usize> {
    let steps = trips.iter().filter(|trip| trip.operation == "TransactWriteItems");
    steps.map(|step| step.request["TransactItems"].as_array().unwrap().len() - 1).collect()
}

/// The queued mails, without the announcement itself.
async fn waiting(world: &World) -> BTreeSet<String> {
    let rows = rows(world, "O#").await.into_keys();
    rows.filter(|sk| sk.contains('#')).collect()
}

async fn each_of_the_sixty_gets_one_mail(world: &World) {
    world.deliver().await;
    assert_eq!(rows(world, "O#").await.len(), 0);
    let to = recipients(&world.ses.mails());
    let different: BTreeSet<&String> = to.iter().collect();
    assert_eq!((to.len(), different.len()), (60, 60));
}

#[tokio::test]
async fn sixty_mails_are_queued_in_three_steps_before_any_is_sent_and_each_is_sent_once() {
    let world = an_announcement_to_sixty().await;
    let announcement = rows(&world, "O#").await.into_keys().next().unwrap();
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
    let right: BTreeSet<String> = ids.iter().map(|id| format!("{announcement}#{id}")).collect();
    assert_eq!(mails, right);
    assert_eq!(rows(&world, "O#").await.len(), 60, "the announcement itself is gone");
    each_of_the_sixty_gets_one_mail(&world).await;
}

/// Runs `deliver` on an announcement and kills it, as Lambda would, in the middle of step `last`.
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
        _ = world.deliver() => panic!("it must not end"),
        _ = crashed => {}
    }
    world.set_table_down(false);
}

#[tokio::test]
async fn a_crash_in_any_step_neither_loses_nor_repeats_a_mail() {
    for (last, written) in [(1, 0), (2, 25), (3, 50)] {
        let world = an_announcement_to_sixty().await;
        crash_in_step(&world, last).await;
        assert_eq!(waiting(&world).await.len(), written, "{last}");
        // The queued mails are sent while the announcement waits for the sweep.
        world.deliver().await;
        assert_eq!(world.ses.mails().len(), written, "{last}");
        world.wait(MINUTE * 2);
        drop(world.trips());
        world.sweep().await;
        assert_eq!(steps(&world.trips()).iter().sum::<usize>(), 60 - written, "{last}");
        each_of_the_sixty_gets_one_mail(&world).await;
    }
}

#[tokio::test]
async fn a_step_whose_answer_is_lost_is_retried_and_done_once() {
    let world = an_announcement_to_sixty().await;
    let lost = AtomicU32::new(0);
    world.break_calls(move |trip| {
        let step = trip.operation == "TransactWriteItems";
        (step && lost.fetch_add(1, Ordering::SeqCst) < 2).then_some(Fault::AnswerLost)
    });
    world.deliver().await;
    let trips = world.trips();
    assert_eq!(steps(&trips), [25, 25, 25, 25, 10], "the first one three times");
    each_of_the_sixty_gets_one_mail(&world).await;
}

async fn leased(world: &World) -> (QueuedMail, Announcement, Option<CollaboratorId>) {
    let rows = rows(world, "O#").await;
    let (sk, row) = rows.iter().find(|(sk, _)| !sk.contains('#')).unwrap();
    let key = Key { pk: row["pk"].as_s().unwrap().clone(), sk: sk.clone() };
    let row = world.app.table.lease(&key, world.now()).await.unwrap().unwrap();
    match row.content.clone() {
        QueuedContent::Announcement { announcement, after } => (row, *announcement, after),
        QueuedContent::Mail(_) => panic!("not an announcement"),
    }
}

#[tokio::test]
async fn a_repeated_step_queues_no_mail_again_even_if_the_mail_was_sent_meanwhile() {
    let world = an_announcement_to_sixty().await;
    let (table, now) = (&world.app.table, world.now());
    let (row, announcement, mut after) = leased(&world).await;
    let client = &announcement.client;
    let collaborators = table.read_client(client, now).await.unwrap().collaborators;
    for sent in [25, 50] {
        let mails = announcement.next(&collaborators, after.as_ref(), now);
        let mut again = after.clone();
        assert!(table.expand(&row, &mut after, &mails, now).await.unwrap());
        assert_eq!(after.as_ref(), mails.last().map(|mail| &mail.collaborator));
        world.deliver().await;
        assert_eq!((world.ses.mails().len(), waiting(&world).await.len()), (sent, 0));
        let before = again.clone();
        assert!(!table.expand(&row, &mut again, &mails, now).await.unwrap());
        assert_eq!((again, waiting(&world).await.len()), (before, 0));
    }
    // A run whose lease has ended queues nothing: another run holds the lease now.
    world.wait(MINUTE);
    assert_eq!(leased(&world).await.2, after);
    let mails = announcement.next(&collaborators, after.as_ref(), now);
    assert!(!table.expand(&row, &mut after, &mails, now).await.unwrap());
    world.wait(MINUTE * 2);
    world.sweep().await;
    each_of_the_sixty_gets_one_mail(&world).await;
}

#[tokio::test]
async fn an_announcement_that_runs_out_of_time_continues_at_the_next_sweep() {
    let world = Arc::new(an_announcement_to_sixty().await);
    let slow = Arc::clone(&world);
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" {
            slow.wait(Duration::from_secs(30));
        }
        None
    });
    world.deliver().await;
    assert_eq!(steps(&world.trips()), [25, 25], "after a minute the lease is returned");
    world.deliver().await;
    assert_eq!(world.ses.mails().len(), 50, "the stream delivers the queued mails");
    world.wait(MINUTE);
    world.sweep().await;
    assert_eq!(steps(&world.trips()), [10]);
    world.set_table_down(false);
    each_of_the_sixty_gets_one_mail(&world).await;
}
