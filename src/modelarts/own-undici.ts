import { install } from 'undici';

// ky looks at the Request and Response of this process as soon as it is loaded: Node would load a second undici for them.
install();
