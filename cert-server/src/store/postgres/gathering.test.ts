import { expect, test } from 'vitest';
import { Gathering } from './gathering.js';

type Question = { readonly group: string; readonly asked: readonly number[]; answer(): void; fail(): void };

/** Questions wait until the test answers them: each asked number with its double. */
function gathering(countMax: number, runningMax: number) {
  const questions: Question[] = [];
  const it = new Gathering<number, number>(
    (group, asked) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve(asked.map((one) => one * 2));
        questions.push({ group, asked: [...asked], answer, fail: () => reject(new Error('no')) });
      }),
    { countMax, runningMax },
  );
  return { it, questions };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what is asked in one turn is one question, for each group; each gets its own answer', async () => {
  const { it, questions } = gathering(10, 1);
  const answers = [it.ask('a', 1), it.ask('b', 2), it.ask('a', 3)];
  expect(questions).toEqual([]);
  await turn();
  expect(questions).toMatchObject([
    { group: 'a', asked: [1, 3] },
    { group: 'b', asked: [2] },
  ]);
  for (const question of questions) question.answer();
  expect(await Promise.all(answers)).toEqual([2, 4, 6]);
});

test('while one is under way, what arrives waits for the next; a question has its bound', async () => {
  const { it, questions } = gathering(2, 1);
  const answers = [it.ask('a', 1)];
  await turn();
  answers.push(it.ask('a', 2), it.ask('a', 3), it.ask('a', 4));
  await turn();
  expect(questions.map(({ asked }) => asked)).toEqual([[1]]);
  questions[0]?.answer();
  await turn();
  expect(questions.map(({ asked }) => asked)).toEqual([[1], [2, 3]]);
  questions[1]?.answer();
  await turn();
  expect(questions.map(({ asked }) => asked)).toEqual([[1], [2, 3], [4]]);
  questions[2]?.answer();
  expect(await Promise.all(answers)).toEqual([2, 4, 6, 8]);
});

test('a question that fails fails for all of it, and for nobody else', async () => {
  const { it, questions } = gathering(10, 2);
  const first = Promise.allSettled([it.ask('a', 1), it.ask('a', 2)]);
  await turn();
  const second = it.ask('a', 3);
  await turn();
  questions[0]?.fail();
  questions[1]?.answer();
  expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await second).toBe(6);
});
