/** What a place is, and how it is spelled for the reader. */
import type {JsonObject} from 'sync-elements';

export interface Place {
  id: string;
  name: string;
  region: string;
  country: string;
  lat: number;
  lng: number;
}

export function readPlace(row: JsonObject): Place {
  const {id, name, admin1, country, lat, lng} = row;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    id: String(id),
    name: text(name),
    region: text(admin1),
    country: text(country),
    lat: Number(lat) || 0,
    lng: Number(lng) || 0,
  };
}

const numbers = new Intl.NumberFormat(document.documentElement.lang);
const shares = new Intl.NumberFormat(document.documentElement.lang, {style: 'percent'});
const countries = new Intl.DisplayNames(document.documentElement.lang, {type: 'region'});
const names = new Map<string, string>();

export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** Rounded down: 100 % is all of it. */
export function formatShare(part: number, whole: number): string {
  return shares.format(Math.floor((part / whole) * 100) / 100);
}

/** The country's name for its two letters; what is no code is shown as it is. */
export function countryName(code: string): string {
  let name = names.get(code);
  if (name === undefined) {
    name = /^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code;
    names.set(code, name);
  }
  return name;
}

export function coordinates({lat, lng}: Place): string {
  return `${Math.abs(lat).toFixed(2)}° ${lat < 0 ? 'S' : 'N'}, ${Math.abs(lng).toFixed(2)}° ${lng < 0 ? 'W' : 'E'}`;
}

export function mapLink({lat, lng}: Place): string {
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lng}#map=11/${lat}/${lng}`;
}
