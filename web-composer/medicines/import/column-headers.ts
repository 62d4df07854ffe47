/** Names that the columns of a table of medicines have in spreadsheets, in the eight languages of GLIR. */
import { DAY_TIMES, type DayTime } from '../../../src/protocol/note.ts';
import { FIELDS, type Field } from '../fields.ts';
import { plainWord } from '../reading/day-time-words.ts';

/** What a column holds: a field, an amount at a time of the day, the substance, or the unit of the amounts. */
export type Column = Field | DayTime | 'substance' | 'unit';

const HEADERS: Readonly<Record<Column, string>> = {
  name: 'medicine|medicines|medication|medications|drug|drug name|name|product|brand name|trade name|medicina|medicinale|medicinali|farmaco|farmaci|nome|nome commerciale|medikament|medikamente|arzneimittel|handelsname|präparat|médicament|médicaments|spécialité|nom|nom commercial|medicamento|medicamentos|fármaco|nombre|nombre comercial|remédio|nome comercial|دواء|الدواء|الأدوية|اسم الدواء|الاسم|ліки|препарат|назва|медикамент|лікарський засіб',
  substance:
    'substance|active substance|active ingredient|ingredient|generic name|principio attivo|wirkstoff|substance active|dci|principio activo|princípio ativo|المادة الفعالة|діюча речовина',
  strength:
    'strength|dosaggio|concentrazione|stärke|wirkstärke|dosage|concentration|concentración|concentração|dosagem|التركيز|العيار|القوة|сила дії|концентрація|дозування',
  dose: 'dose|quantity|amount|dosis|quantità|menge|einzeldosis|quantité|cantidad|quantidade|الجرعة|الكمية|доза|кількість',
  when: 'when|frequency|schedule|timing|time|quando|orario|orari|posologia|frequenza|wann|einnahme|einnahmezeit|dosierung|schema|quand|fréquence|posologie|horaire|cuándo|frecuencia|posología|pauta|horario|frequência|horário|متى|التكرار|المواعيد|коли|частота|прийом|графік',
  duration:
    'how long|duration|length|days|for|durata|per quanto|giorni|dauer|wie lange|tage|durée|pendant|duración|días|duração|dias|المدة|مدة العلاج|тривалість|як довго|термін|дні',
  remarks:
    'remarks|remark|notes|note|comment|comments|instructions|information|annotazioni|osservazioni|istruzioni|bemerkung|bemerkungen|hinweis|hinweise|anmerkung|remarque|remarques|commentaire|consignes|observaciones|notas|indicaciones|observações|instruções|ملاحظات|ملاحظة|تعليمات|примітка|примітки|зауваження',
  morning: 'morning|mattina|mattino|morgens|früh|morgen|matin|mañana|manhã|صباحا|الصباح|ранок|вранці',
  noon: 'noon|midday|mezzogiorno|mittags|mittag|midi|mediodía|meio-dia|ظهرا|الظهر|обід|опівдні',
  evening: 'evening|sera|abends|abend|soir|مساء|المساء|вечір|ввечері',
  night: 'night|bedtime|notte|zur nacht|nachts|nacht|coucher|nuit|noche|noite|ليلا|الليل|عند النوم|ніч|на ніч',
  unit: 'unit|units|unità|einheit|unité|unidad|unidade|الوحدة|одиниця',
};

const columns = new Map<string, Column>();
for (const column of [...FIELDS, ...DAY_TIMES, 'substance', 'unit'] as const) {
  for (const name of HEADERS[column].split('|')) columns.set(plainWord(name), column);
}

/**
 * What the columns hold according to a table's first row, with null for a column of another kind; null when that row is
 * no header: it has to name at least two different columns, one of them the medicine.
 */
export function readHeader(row: readonly string[]): (Column | null)[] | null {
  const found = row.map(
    (cell) =>
      columns.get(
        plainWord(
          cell
            .replace(/[:*.]+$/, '')
            .replace(/\s+/g, ' ')
            .trim(),
        ),
      ) ?? null,
  );
  const known = new Set(found.filter((column) => column !== null));
  if (known.size < 2 || !(known.has('name') || known.has('substance'))) return null;
  // A column's name that comes twice is not told apart: the second keeps its own words.
  return found.map((column, place) => (column !== null && found.indexOf(column) === place ? column : null));
}
