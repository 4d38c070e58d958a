/** What a user writes; the page has the tags. */
import 'sync-elements/define';
