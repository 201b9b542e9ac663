/** Which members of a config are secret by their name. */

const SECRET_NAME =
  /secret|passw|passphrase|passcode|pass$|^pwd?$|private_?-?key|access_?-?key|api_?-?key|key$|token|credential|authori[sz]ation|assertion|cookie|signature|bearer|external_?-?id|^(auth|pfx|pin|otp|psk|jwt)$/i;

/** At any depth of a config. Takes too long for every hit: the places of names keep the answer. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);
