import { useLocation } from "wouter";
import type { Collaborator } from "../api/client";
import { clientOf, isBelow } from "../api/scopes";
import { Icon } from "../ui/icon";
import { type Entry, MenuButton } from "../ui/menu";
import { usePersonPath } from "../ui/person-path";
import { useSecondsTo } from "../ui/problem";
import { useWords } from "../words/provider";
import { type Act, useMay } from "./actions";
import { directGrant } from "./grants";
import { useLabelOf } from "./labels";

/** The minimum number of seconds between two invitation mails to one address (docs/domain.md#rule-9). */
const INTERVAL = 60;

/** The seconds until an invitation can be sent again. */
export function useWait({ invitation }: Collaborator): number {
  const sentAt = invitation?.sentAt;
  return useSecondsTo(sentAt ? Date.parse(sentAt) + INTERVAL * 1_000 : 0);
}

interface Props {
  scope: string;
  collaborator: Collaborator;
  onAct: (act: Act) => void;
}

/** All that can be done with a person. */
export function RowMenu({ scope, collaborator, onAct }: Props) {
  const { grid, address, suspension, resend, revoke } = useWords();
  const [, navigate] = useLocation();
  const pathOf = usePersonPath(scope);
  const labelOf = useLabelOf();
  const may = useMay();
  const wait = useWait(collaborator);
  const people: [Collaborator] = [collaborator];
  const canChange = may.change(collaborator, scope);
  const handles = may.handle(collaborator, scope);
  const isSuspended = collaborator.status === "suspended";
  const canRemove = canChange && collaborator.grants.some((grant) => isWithin(grant.scope, scope));
  const direct = directGrant(collaborator, scope);
  const entries: Entry[] = [
    {
      id: "open",
      label: grid.details,
      icon: "person",
      onAction: () => navigate(pathOf(collaborator.id)),
    },
  ];
  if (canChange) {
    entries.push({
      id: "role",
      label: direct ? grid.edit : grid.giveHere,
      icon: "pencil",
      onAction: () => onAct({ do: "role", people, scope }),
    });
    entries.push({
      id: "give",
      label: grid.give,
      icon: "plus",
      onAction: () => onAct({ do: "give", people }),
    });
  }
  if (may.manages(scope) && (collaborator.invitation || collaborator.declined)) {
    entries.push({
      id: "remind",
      label: collaborator.declined ? resend.again : wait > 0 ? resend.wait(wait) : resend.button,
      icon: "plane",
      disabled: wait > 0,
      onAction: () => onAct({ do: "remind", people }),
    });
  }
  if (handles && may.alter(collaborator)) {
    entries.push({
      id: "address",
      label: address.button,
      icon: "mail",
      onAction: () => onAct({ do: "address", people }),
    });
    entries.push({
      id: "suspension",
      label: isSuspended ? suspension.restore : suspension.suspend,
      icon: "clock",
      onAction: () => onAct({ do: isSuspended ? "restore" : "suspend", people }),
    });
  }
  const client = clientOf(scope);
  const isPart = scope !== client;
  if ((canRemove && (isPart || !handles)) || handles) entries.push("line");
  if (canRemove && (isPart || !handles)) {
    entries.push({
      id: "revoke",
      label: grid.revoke,
      icon: "bin",
      danger: true,
      onAction: () => onAct({ do: "revoke", people, scope }),
    });
  }
  if (handles) {
    entries.push({
      id: "everywhere",
      label: revoke.everywhere,
      icon: "bin",
      danger: true,
      onAction: () => onAct({ do: "revoke", people, scope: client, everywhere: true }),
    });
  }
  return (
    <MenuButton className="quiet" label={grid.actionsOf(labelOf(collaborator))} entries={entries}>
      <Icon of="more" />
    </MenuButton>
  );
}

const isWithin = (scope: string, of: string) => scope === of || isBelow(scope, of);
