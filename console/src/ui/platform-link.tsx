import { useSession } from "../session/provider";
import { useWords } from "../words/provider";

/** A link to the back office that this page manages access to, if the deployment names it. */
export function PlatformLink({ className }: { className?: string }) {
  const { platform } = useWords();
  const { platformUrl } = useSession().config;
  if (!platformUrl) return null;
  return (
    <a href={platformUrl} className={className}>
      {platform}
    </a>
  );
}
