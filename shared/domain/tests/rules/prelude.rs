//! The names that most tests use.

pub use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub use coulisses_domain::{
    accept::AcceptFacts,
    access::{DeterminingGrant, Holding, Subject, VisibleGrant},
    actor::{Actor, OauthClient, SystemActor},
    announce::{self, AnnounceCommand, To},
    announcement::Announcement,
    assign_role::AssignRoleCommand,
    audit::{self, ExpiringAccess, Figures, Findings, Repair, Step},
    caller::{Caller, Login, User},
    change_email::{self, ChangeEmailCommand, MoveFacts},
    check::{CheckFacts, Question},
    client::{Client, Granting, Seats},
    collaborator::{
        Account, Binding, Collaborator, EXPIRED_SHOWN_FOR, Former, Grant, Invitation, MAX_GRANTS,
        Membership, Status, Visibility,
    },
    decision::{Change, Decision, Outcome},
    delivery::Delivery,
    effects::{Effects, SeatChange},
    email::Email,
    erase::{ErasureSubject, MAX_REWRITTEN, MailDisposition},
    expire::MAX_SWEPT,
    facts::Facts,
    grid::{DeliveryFilter, GridPage, GridQuery, GridRow, Order, Sort},
    history::{
        Action, CollaboratorLabel, Entry, GrantChange, GrantState, Moved,
        view::{EntryId, HistoryPage, HistoryQuery, RecordedEntry},
    },
    ids::{CollaboratorId, MailId, MailIds},
    import::{self, ImportCommand, ImportOutcome, Imported, ImportedGrant},
    invite::InviteCommand,
    locale::Locale,
    look::Look,
    mail::{Mail, MailKind},
    mail_budget::{MailBudget, MailCounts, MailLimits, Share},
    mail_quota::MailCounter,
    permission::{Permission, PermissionSet},
    precondition::Precondition,
    provision::{ClientSettings, Owner, ProvisionCommand, Provisioned},
    recipients::RecipientFilter,
    refusal::Refusal,
    revoke::{Extent, RevokeCommand, Revoked},
    role::{Role, RoleName},
    scope::{ClientId, Level, OwnerLabel, Scope, ScopeId},
    suspend::{self, Wanted},
    text::{AnnouncementText, MailSubject, Message, Name, Paragraphs, Reason},
    time::{DAY, Timestamp, Version},
    token::Token,
    transfer::{Successor, TransferCommand},
};

pub use crate::world::*;
