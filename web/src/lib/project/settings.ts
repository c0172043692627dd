/**
 * Settings: the project file, what each setting does, and what a change would come to.
 *
 * In: a project. Out: typed calls and replies, phrases. Never: a setting changed here; the server plans and applies.
 */

import { at, call } from '../api';
import { catalog } from '../catalog';

export interface Setting {
  key: string;
  value: string;
  default: string;
}
export interface Settings {
  version: number;
  text: string;
  read: string;
  in_file: boolean;
  settings: Setting[];
}
export interface Plan {
  nothing: boolean;
  changes_of_schema: { kind: 'compatible' | 'redefine' | 'remove'; text: string }[];
  changes_of_guideline: string[];
  changes_of_settings: string[];
  advice: string[];
  before: { answers: number; money: number | null };
  after: { answers: number; money: number | null };
}

export const settings = {
  read: (project: string) => call<Settings>(at(project, '/settings')),
  plan: (project: string, text: string) => call<Plan>(at(project, '/settings/plan'), { method: 'POST', body: { text } }),
  apply: (project: string, body: { id: string; read: string; text: string }) =>
    call<{ settings_version: number }>(at(project, '/settings'), { method: 'POST', body }),
};

/** What each setting does, by its key in the project file. */
const HELP = {
  sources: 'Files and folders that items are read from; changed on the server alone.',
  gold: 'Files with known labels: they measure people and models; changed on the server alone.',
  rounds: 'How many rounds to run; left out, until the pool is empty or the budget is spent.',
  'budget.answers': 'How many answers may be asked for in all.',
  'budget.money': 'How much may be spent in all, at the price of an answer.',
  'budget.price_per_answer': 'What one answer costs.',
  'schedule.round': 'When the worker goes on with the round by itself.',
  'schedule.close_after_days': 'After how many days a round is closed with the answers it has.',
  'schedule.backup': 'When the worker backs everything up.',
  'schedule.backups': 'Where backups go.',
  'schedule.keep': 'How many backups are kept.',
  'stop.rule': 'Whether labeling ends by itself once labels change nothing any more, or that is only said.',
  'stop.stable': 'How much successive models have to agree for that, as a kappa.',
  'stop.rounds': 'Over how many models.',
  'stop.least_gain': 'How many suggestions of the pool a further label has to change to be worth asking for.',
  'source.kind': 'What items are: text, images and so on. It cannot change.',
  'source.text': 'The column that people read.',
  'source.key': 'The column with an item’s own id.',
  'source.label': 'The column with labels that items have already.',
  'source.candidates': 'The columns with the candidates that are compared.',
  'source.metadata': 'Which other columns are kept; left out, all.',
  'source.max_chars': 'Texts that are longer are refused.',
  'production.ask_below': 'What a model in use is less sure of than this is asked of people.',
  'production.most': 'How many items a round takes from production at most.',
  'production.votes': 'Whether a model’s answers in production count as votes.',
  'production.drift': 'How far production may differ from what was labeled before it is said.',
  'production.window': 'Over how many items that is measured.',
  'sample.strategy': 'How a round chooses its items; auto takes those that are uncertain and unlike each other.',
  'sample.batch': 'How many items a round draws.',
  'sample.random_share': 'The share of a draw that is random, so that estimates stay honest.',
  'sample.stratify_by': 'A column whose values are drawn from evenly.',
  'sample.cost_by': 'A column that says what asking about an item costs.',
  'sample.spend': 'What a draw may cost at most.',
  'sample.noise': 'The share of wrong labels to reckon with when items are chosen.',
  'prelabel.suggester': 'Who makes suggestions.',
  'prelabel.min_labels': 'From how many settled labels on a model is trained.',
  'prelabel.calibration_share': 'The share of labels held out to calibrate confidence on.',
  'prelabel.show': 'Whether people see suggestions: before they answer, after, or never.',
  'prelabel.blind_share': 'The share of items shown without their suggestion, which measures how much suggestions sway people.',
  'prelabel.models': 'Language models and backends; changed on the server alone.',
  'prelabel.limit': 'What suggestions by paid models may cost.',
  'prelabel.features': 'What the project’s own model looks at: text, fields, embeddings.',
  'prelabel.fields': 'Which fields count for it. Left out, all of them do.',
  'prelabel.embeddings': 'The folder of the model that makes embeddings of texts.',
  'functions.file': 'The file of labeling functions; changed on the server alone.',
  'functions.keywords': 'Labeling functions of words; changed on the server alone.',
  'functions.patterns': 'Labeling functions of patterns; changed on the server alone.',
  'functions.lookups': 'Labeling functions of tables; changed on the server alone.',
  'functions.seconds': 'How long a labeling function may take; changed on the server alone.',
  'functions.correlations': 'Whether functions that agree by their making count less; changed on the server alone.',
  'functions.balance': 'How often each label is expected; changed on the server alone.',
  'route.auto_at': 'From this confidence on a suggestion is accepted without a person; left out, never.',
  'route.single_at': 'From this confidence on one person is enough.',
  'route.expert_below': 'Below this confidence an item goes to experts.',
  'route.redundancy': 'How many people answer an item.',
  'route.spot_check': 'The share of automatically accepted items that a person sees all the same.',
  'route.skills': 'Skills that whoever answers must have.',
  'route.expert_skills': 'Skills that experts must have besides.',
  'route.priority': 'How far ahead of others items of the coming rounds are, from -9 to 9.',
  'route.error': 'The share of wrong labels that automatic acceptance may have; with it, it opens only by a certificate.',
  'route.delta': 'The chance that such a certificate is wrong.',
  'route.audit': 'How many items are answered to earn a certificate.',
  'route.audit_answers': 'By how many people each.',
  'route.certify_by': 'Whether each label or segment earns a certificate of its own.',
  segments: 'Rules on columns, with workflows of their own.',
  'annotate.lease_minutes': 'How long an item is held for whoever has it.',
  'annotate.prefetch': 'How many items a page has ready.',
  'annotate.gold_rate': 'The share of items that are gold, unannounced.',
  'annotate.stop_at': 'From this certainty on an item wants no further answer.',
  'annotate.min_votes': 'How many answers it has at least by then.',
  'annotate.accuracy': 'What somebody is credited with before anything is known.',
  'annotate.show': 'Columns that stand beside an item; none unless named, since one may give the label away.',
  'annotate.adaptive': 'Whether answers are asked for one by one, as long as they are worth it.',
  'annotate.reasons': 'What people choose from when they pass, flag, or are unsure.',
  'annotate.per_day': 'How much one person answers a day at most.',
  'annotate.rest': 'When a rest is advised.',
  'annotate.time_zone': 'Whose days these are.',
  'annotate.extensions': 'How often an item may be held longer.',
  'guard.planted_share': 'The share of suggestions that are wrong on purpose, to see who takes them unseen.',
  'guard.off_above': 'Above this rate of taking wrong ones, suggestions are switched off.',
  'guard.at_least': 'From how many planted ones on.',
  onboarding: 'What people go through before they label.',
  'qualification.files': 'Questions with known answers; changed on the server alone.',
  'qualification.gold': 'Whether gold serves as test questions too.',
  'qualification.promotion': 'From which figures on a promotion is proposed.',
  'pay.currency': 'What people are paid in.',
  'pay.minor_digits': 'How many decimals an amount has.',
  'pay.idle_seconds': 'The longest time that one answer is paid for.',
  'pay.surplus': 'Whether answers beyond those wanted are paid.',
  'pay.gold': 'Whether answers to gold are paid.',
  'pay.calibration': 'Whether answers in calibration sessions are paid.',
  'pay.qualification': 'Whether answers in tests are paid.',
  'adjudicate.method': 'How votes are settled.',
  'adjudicate.escalate_below': 'Below this confidence a person decides.',
  'adjudicate.min_votes': 'How many votes an item needs to be settled.',
  'adjudicate.functions': 'Whether what labeling functions say is only shown beside the votes, or is one vote more.',
  'adjudicate.tiers': 'Who may rule on what.',
  'audit.alpha_stop': 'Below this agreement no release is made.',
  'audit.alpha_warn': 'Below this agreement the release warns.',
  'audit.gold_accuracy': 'How many of the labels on gold are to be right.',
  'audit.min_gold': 'From how many gold items on.',
  'audit.escalated': 'Whether items that wait for a ruling hold a release up, or stay out of it.',
  'audit.draws': 'Draws of the bootstrap.',
  'audit.level': 'The level of intervals.',
  'release.train': 'The share of items for training.',
  'release.validation': 'The share for validation.',
  'release.test': 'The share for testing.',
  'release.weight': 'Whether doubtful labels weigh less.',
  'release.license': 'Under which terms a release may be used.',
  'retrain.min_gold': 'How much gold it takes to compare two models.',
  'retrain.auto_weight': 'How much labels weigh that a model accepted by itself.',
  'retrain.promote': 'When a new model takes the place of the old.',
  'retrain.alpha': 'How clear it has to be.',
} as const;
const help = catalog(HELP);
export const helpOf = (key: string): string => (key in HELP ? help(key as keyof typeof HELP) : '');

export const t = catalog({
  title: 'Settings',
  lede: 'The project as one text. Change it, see what that comes to, and only then make it so.',
  in_file: 'This is the project file on the server; what you apply here is written there.',
  no_file: 'This project was made on the page and has no file; its settings are written out here, defaults left out.',
  text: 'Project file, in YAML',
  plan: 'Show what would change',
  planned: 'What would change',
  nothing: 'Nothing: the project is what the text says already.',
  back: 'Back to what stands',
  schema: 'Schema',
  schema_compatible: 'new',
  schema_redefine: 'new meaning',
  schema_remove: 'gone',
  removes: 'A label or question that has answers cannot go: the server refuses it and says how many.',
  guideline: 'Guideline, a new version',
  settings: 'Settings',
  queue: 'Items that are in the queue keep the number of answers they were sent with: none is sent again.',
  load: 'A round asks for {after} answers; it was {before}.',
  load_same: 'A round asks for {after} answers, as before.',
  money: 'That is {after} a round; it was {before}.',
  money_same: 'That is {after} a round, as before.',
  no_money: 'No price of an answer is set (budget.price_per_answer), so no cost can be told.',
  segments: 'How many items each segment has is counted on the server: goldseam plan',
  apply: 'Make it so',
  apply_note: 'Each change makes a new version; answers keep the version that they were given under. The ledger keeps the act.',
  applied: 'It is so now: settings version {n}.',
  stale: 'The text changed since that was worked out: show again what would change.',
  conflict: 'Your text is kept here. Copy it, load the page again, and make your change there.',
  list: 'What each setting does',
  filter: 'Find a setting',
  none_found: 'No setting has these words.',
  key: 'Setting',
  value: 'Now',
  usual: 'Unless said',
  does: 'Does',
  is_default: 'as usual',
  none: 'nothing',
  table: 'Settings, as a table',
});
