/** Makes a value when it is first asked for: Intl's formats cost milliseconds each on a phone. */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
