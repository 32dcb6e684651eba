export {
  createNotifier,
  NOTIFIER_LIMITS,
  type Notifier,
  type NotifierLimits,
  type NotifierOptions,
  type NotifierStats,
  NOTIFY_FORMATS,
  NOTIFY_OUTCOMES,
  type NotifyFormat,
} from "./notifier.js";
export { type Notice, NOTICE_EVENTS, type NoticeEvent } from "./notice.js";
export { readTarget, type Target } from "./post.js";
export { createProblemNotices, type ProblemNoticesOptions } from "./problem-notices.js";
