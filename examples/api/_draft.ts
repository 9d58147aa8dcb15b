/** Begins with `_`: nobody loads it. */
throw new Error('a draft is not for loading');
