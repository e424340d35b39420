"""Checkpoints of everything a run changes, so that rerunning the command goes on where it stopped.

Order of restore: nothing if the folder has no checkpoint; else the newest one whose files are there,
completely: a checkpoint that does not fit raises instead of being ignored.
"""

import re
from pathlib import Path

import tensorflow as tf

from stylizer.errors import RunError
from stylizer.training.networks import Networks


class Checkpoints:
    """Saves and restores networks, optimizers and the step counter.

    Args:
      run_dir: of the run; checkpoints go to its folder "checkpoints".
      networks: what is saved.
      step: int64 scalar variable, steps done.
    """

    def __init__(self, run_dir: Path, networks: Networks, step: tf.Variable):
        saved = tf.train.Checkpoint(
            step=step, generator=networks.generator, generator_back=networks.generator_back, ema=networks.ema,
            discriminator=networks.discriminator, discriminator_local=networks.discriminator_local,
            generator_optimizer=networks.generator_optimizer,
            discriminator_optimizer=networks.discriminator_optimizer)
        self._saved, self._step = saved, step
        # two are kept: a crash in mid-save leaves the one before
        self._manager = tf.train.CheckpointManager(saved, str(run_dir / "checkpoints"), max_to_keep=2,
                                                   checkpoint_name="step")

    def restore(self) -> int:
        """Restores the newest checkpoint, if any; returns the number of steps done.

        Raises:
          RunError: the checkpoint is damaged or of other networks.
        """
        # who removed the newest one's files wants the one before
        newest = next((path for path in reversed(self._manager.checkpoints) if Path(f"{path}.index").is_file()), None)
        if newest is None:
            return 0
        try:
            self._saved.restore(newest).assert_existing_objects_matched()
        except (tf.errors.OpError, AssertionError, ValueError) as e:
            raise RunError(f"checkpoint {newest}: cannot be restored ({reason_of(e)}); "
                           "remove that checkpoint's files to fall back, or choose another run folder") from e
        return self.steps_done

    @property
    def steps_done(self) -> int:
        return int(self._step.numpy())

    def save(self) -> None:
        """Writes a checkpoint under the number of steps done.

        Raises:
          RunError: it could not be written (a full disk, say); the one before is kept.
        """
        try:
            self._manager.save(checkpoint_number=self.steps_done)
        except tf.errors.OpError as e:
            raise RunError(f"checkpoint in {self._manager.directory}: could not be written ({reason_of(e)}); the one "
                           "before is kept: make room and run the same command again") from e


def reason_of(error: Exception) -> str:
    """What TensorFlow says in its first line, without the name of its graph."""
    return re.sub(r"^\{\{.*?\}\} ?", "", (str(error).strip() or type(error).__name__).splitlines()[0])
