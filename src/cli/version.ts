/** The version of decapod; a test holds it equal to package.json's, so that start-up reads no file. */
export const version: string = '0.1.0'
