/**
 * Several topics as one AlertTopic port: each gets the alert, whatever becomes of the others. Where one refused it, the
 * whole has failed, so that the duty stays and the alert is published again: to those that lack it, as far as this
 * process remembers, so that a broken chat channel does not mail the same alert again each time.
 */
import type { Alert } from '../core/alert.ts';
import { GrantkeeperError } from '../core/errors.ts';
import type { AlertTopic, Metrics } from '../core/ports.ts';

/** Some topic did not take an alert; its duty stays. */
export class AlertTopicError extends GrantkeeperError {
  readonly code = 'alert_topic_unavailable';
}

export interface AlertTopicsOptions {
  /** By the name that stands in errors. */
  readonly topics: Readonly<Record<string, AlertTopic>>;
  readonly metrics: Metrics;
}

/** Alerts that went to some topics and not to all; more are forgotten, which costs a repetition. */
const rememberedAtMost = 1_000;

export function createAlertTopics({ topics, metrics }: AlertTopicsOptions): AlertTopic {
  const taken = new Map<string, Set<string>>();
  return {
    async publish(alert) {
      const already = taken.get(alert.id) ?? new Set<string>();
      const failed = await publishTo(topics, already, alert);
      if (failed.length === 0) {
        taken.delete(alert.id);
        return;
      }
      remember(taken, alert.id, already);
      metrics.add('AlertsNotPublished', 1);
      throw new AlertTopicError(
        `The alert ${alert.id} was not taken by: ${failed.map(({ name }) => name).join(', ')}. It is published again ` +
          'by itself; look at the topics, their key and the permissions of the function.',
        { cause: failed[0]?.reason },
      );
    },
  };
}

interface Failed {
  readonly name: string;
  readonly reason: unknown;
}

async function publishTo(
  topics: Readonly<Record<string, AlertTopic>>,
  already: Set<string>,
  alert: Alert,
): Promise<Failed[]> {
  const outcomes = await Promise.all(
    Object.entries(topics).map(async ([name, topic]): Promise<Failed | undefined> => {
      if (already.has(name)) return undefined;
      try {
        await topic.publish(alert);
        already.add(name);
        return undefined;
      } catch (reason) {
        return { name, reason };
      }
    }),
  );
  return outcomes.filter((outcome) => outcome !== undefined);
}

function remember(taken: Map<string, Set<string>>, id: string, names: Set<string>): void {
  if (taken.size >= rememberedAtMost) taken.clear();
  taken.set(id, names);
}
