// Asks this device's passkey, and sends its answer by the form around the button. Without a passkey the code does.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const words = form.dataset;
  const problem = form.querySelector("[data-problem]");
  const say = (text) => { problem.textContent = text; problem.hidden = false; };
  const isMaking = words.passkey === "make";
  const ask = async () => {
    const options = JSON.parse(words.options);
    const made = isMaking
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    return JSON.stringify(made.toJSON());
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return say(words.absent);
    try {
      form.elements.passkey.value = await ask();
    } catch (reason) {
      return say(reason.name === "InvalidStateError" ? words.known : words.refused);
    }
    form.submit();
  });
}
