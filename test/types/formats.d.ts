import type {
  ClassMethod,
  CustomElementDeclaration,
  CustomElementField,
  JavaScriptModule,
  Package,
} from 'custom-elements-manifest';

/** The manifest's published types forget at `members` the fields that they have for custom elements; its schema does not mind. */
export interface Manifest extends Omit<Package, 'modules'> {
  modules: (Omit<JavaScriptModule, 'declarations'> & {
    declarations: (Omit<CustomElementDeclaration, 'members'> & {members: (CustomElementField | ClassMethod)[]})[];
  })[];
}

/**
 * Of JetBrains' web-types what the package uses of it, as its documentation has it: nobody publishes types of the format, and its
 * schema lets anything pass beside what it knows.
 */
interface Named {
  name: string;
  description: string;
}

export interface WebTypes {
  $schema: 'https://json.schemastore.org/web-types';
  name: string;
  version: string;
  'description-markup': 'html' | 'markdown' | 'none';
  contributions: {
    html: {
      elements: (Named & {
        source: {module: string; symbol: string};
        attributes: (Named & {value: {type: string; required: boolean}; default?: string})[];
        slots: Named[];
        js: {
          properties: (Named & {type: string; 'read-only'?: true})[];
          events: (Named & {type: string})[];
        };
        css: {parts: Named[]; properties: Named[]; 'pseudo-classes': Named[]};
      })[];
    };
  };
}
