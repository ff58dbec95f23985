/**
 * Properties try the same cases in every run, so that a change is judged by what it changes. PROPERTY_SEED=N tries
 * others; a case that it finds becomes a test of its own.
 */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['PROPERTY_SEED'] ?? 1) });
