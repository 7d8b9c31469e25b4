/** A question before something happens. */
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { texts } from "../texts";

type Props = {
  title: string;
  body: string;
  confirm: string;
  dismiss?: string;
  done: (agreed: boolean) => void;
};

export function Confirm({ title, body, confirm, dismiss = texts.cancel, done }: Props) {
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={() => done(false)}>
      <Modal className="modal">
        <Dialog role="alertdialog">
          <Heading slot="title">{title}</Heading>
          <p>{body}</p>
          <div className="buttons">
            <Button onPress={() => done(false)}>{dismiss}</Button>
            <Button className="primary" autoFocus onPress={() => done(true)}>
              {confirm}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
