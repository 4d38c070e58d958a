/** Doc comments: a description, and tags. Of the usual tags only those of custom elements mean anything here. */

export interface Tag {
  name: string;
  /** What stands after the tag's name, in one line. */
  text: string;
}

export interface Doc {
  /** Up to the first tag, without drawings. Paragraphs are apart by an empty line. */
  description: string;
  tags: Tag[];
}

/** A tag that names something: `{Type} name - Words`, `[name=default] - Words`; the default slot has no name. */
export interface NamedTag {
  name: string;
  type: string | undefined;
  default: string | undefined;
  description: string;
}

const NAMED =
  /^(?:\{(?<type>[^}]+)\}\s*)?(?:\[(?<optional>[^\]=]+)=(?<initial>[^\]]+)\]|(?<plain>\S+)?)\s*-\s+(?<words>.+)$/;

/** `value` is the comment without its outermost signs. */
export function parseDoc(value: string): Doc {
  const lines = value.split('\n').map(line => line.replace(/^\s*\* ?/, '').trimEnd());
  const [description = '', ...tags] = lines
    .join('\n')
    .replace(/```[\s\S]*?```/g, '')
    .split(/^@/m);
  return {
    description: description
      .split(/\n\s*\n/)
      .map(oneLine)
      .filter(Boolean)
      .join('\n\n'),
    tags: tags.map(tag => {
      const [, name = '', text = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag) ?? [];
      return {name, text: oneLine(text)};
    }),
  };
}

/** The tags of a name, taken apart. Throws at one that can't be. */
export function namedTags(doc: Doc | undefined, tag: string): NamedTag[] {
  return (doc?.tags ?? [])
    .filter(({name}) => name === tag)
    .map(({text}) => {
      const {groups} = NAMED.exec(text) ?? {};
      if (!groups) throw new Error(`@${tag} ${text}: has no words`);
      const {type, optional, initial, plain, words = ''} = groups;
      return {name: optional ?? plain ?? '', type, default: initial, description: words};
    });
}

const oneLine = (text: string) => text.trim().replace(/\s+/g, ' ');
