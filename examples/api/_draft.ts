/** Begins with `_`: it is not loaded. */
throw new Error('a draft is not for loading');
