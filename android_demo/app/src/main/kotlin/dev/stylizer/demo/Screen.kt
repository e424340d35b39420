package dev.stylizer.demo

import android.content.res.Resources
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.os.Build
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.HorizontalScrollView
import android.widget.ImageButton
import android.widget.ImageView
import android.widget.ProgressBar
import android.widget.SeekBar
import android.widget.TextView
import dev.stylizer.core.Accelerator
import dev.stylizer.core.Report
import java.io.IOException
import kotlin.math.roundToInt

/** The views: [render] shows a state, touches go to [Actions]. For the UI thread. */
class Screen(
    root: View, private val models: AssetModels, private val frames: FrameExchange, private val actions: Actions,
) : AutoCloseable {
    /** What can be done on the screen. */
    interface Actions {
        fun onStyle(style: String)

        /** 0..1. */
        fun onStrength(strength: Float)

        /** -1..1. */
        fun onExaggeration(exaggeration: Float)
        fun onOverlay()
        fun onSwitchCamera()
        fun onTakePhoto()
        fun onChoosePicture()
        fun onRemedy()
        fun onSave()
        fun onShare()

        /** Back to the live drawing, from a finished one, from one in work or from a photo that is being taken. */
        fun onReturn()
    }

    private val resources: Resources = root.resources
    private val drawing: DrawingView = root.findViewById(R.id.drawing)
    private val overlayPanel: View = root.findViewById(R.id.overlay_panel)
    private val overlay: TextView = root.findViewById(R.id.overlay)
    private val messagePanel: View = root.findViewById(R.id.message_panel)
    private val message: TextView = root.findViewById(R.id.message)
    private val remedy: Button = root.findViewById(R.id.remedy)
    private val workingPanel: View = root.findViewById(R.id.working_panel)
    private val workingText: TextView = root.findViewById(R.id.working_text)
    private val workingProgress: ProgressBar = root.findViewById(R.id.working_progress)
    private val cancel: Button = root.findViewById(R.id.cancel)
    private val liveControls: View = root.findViewById(R.id.live_controls)
    private val resultControls: View = root.findViewById(R.id.result_controls)
    private val strip: ViewGroup = root.findViewById(R.id.styles)
    private val switchCamera: ImageButton = root.findViewById(R.id.switch_camera)
    private val takePhoto: ImageButton = root.findViewById(R.id.take_photo)
    private val choosePicture: ImageButton = root.findViewById(R.id.choose_picture)
    private val save: Button = root.findViewById(R.id.save)
    private val share: Button = root.findViewById(R.id.share)
    private val strength = Slider(
        root.findViewById(R.id.strength), root.findViewById(R.id.strength_label), R.string.strength,
        actions::onStrength)
    private val exaggeration = Slider(
        root.findViewById(R.id.exaggeration), root.findViewById(R.id.exaggeration_label), R.string.exaggeration,
        actions::onExaggeration)
    private var rendered: ScreenState? = null

    init {
        drawing.frames = frames
        frames.onFrame = drawing::postInvalidateOnAnimation
        overlay.setOnClickListener { actions.onOverlay() }
        switchCamera.setOnClickListener { actions.onSwitchCamera() }
        takePhoto.setOnClickListener { actions.onTakePhoto() }
        choosePicture.setOnClickListener { actions.onChoosePicture() }
        remedy.setOnClickListener { actions.onRemedy() }
        cancel.setOnClickListener { actions.onReturn() }
        save.setOnClickListener { actions.onSave() }
        share.setOnClickListener { actions.onShare() }
        root.findViewById<View>(R.id.back).setOnClickListener { actions.onReturn() }
    }

    /** Shows [state], with the finished drawing if it is one and is loaded. */
    fun render(state: ScreenState, still: Bitmap?) {
        val before = rendered
        rendered = state
        val mode = state.mode
        val result = mode as? Mode.Result
        drawing.still = still
        drawing.blank = result != null
        drawing.contentDescription = resources.getString(if (result == null) R.string.preview else R.string.result)
        liveControls.visibility = when (mode) {
            is Mode.Result -> View.GONE
            is Mode.Working -> View.INVISIBLE // keeps its place: the picture stays where it is
            else -> View.VISIBLE
        }
        show(resultControls, result != null)
        save.isEnabled = result != null && !result.saving && result.saved == null
        say(save, resources.getString(if (result?.saved == null) R.string.save else R.string.saved))
        share.isEnabled = result != null && !result.saving
        switchCamera.visibility = if (state.canSwitch) View.VISIBLE else View.INVISIBLE
        switchCamera.isEnabled = mode == Mode.Live
        takePhoto.isEnabled = state.canCapture
        choosePicture.isEnabled = state.canChoose
        strength.render((100 * state.settings.strength).roundToInt())
        exaggeration.render((100 * state.settings.exaggeration).roundToInt())
        renderStyles(state, before)
        renderOverlay(state)
        renderMessage(state)
        renderWork(mode)
        if (result != null) announce(result, before?.mode)
    }

    /** Frames are not shown any more. */
    override fun close() {
        frames.onFrame = null
    }

    private fun announce(result: Mode.Result, before: Mode?) {
        if (before is Mode.Working) drawing.announceForAccessibility(resources.getString(R.string.result_ready))
        if (before is Mode.Result && before.saved == null && result.saved != null) {
            save.announceForAccessibility(resources.getString(R.string.saved))
        }
    }

    private fun renderStyles(state: ScreenState, before: ScreenState?) {
        if (before == null) state.styles.forEach(::addStyle)
        for ((n, style) in state.styles.withIndex()) strip.getChildAt(n).isSelected = style == state.settings.style
        if (before?.settings?.style != state.settings.style) strip.post { reveal(state.settings.style, state.styles) }
    }

    private fun reveal(style: String, styles: List<String>) {
        val item = strip.getChildAt(styles.indexOf(style)) ?: return
        val scroll = strip.parent as HorizontalScrollView
        scroll.smoothScrollTo(item.left + (item.width - scroll.width) / 2, 0)
    }

    private fun addStyle(style: String) {
        val item = LayoutInflater.from(strip.context).inflate(R.layout.style_item, strip, false)
        val name = style.replaceFirstChar { it.titlecase() }
        item.contentDescription = resources.getString(R.string.style_of, name)
        item.findViewById<TextView>(R.id.name).text = name
        try {
            val thumbnail = models.thumbnail(style).use { BitmapFactory.decodeStream(it) }
            item.findViewById<ImageView>(R.id.thumbnail).setImageBitmap(thumbnail)
        } catch (e: IOException) {
            // its name must do
        }
        item.setOnClickListener { actions.onStyle(style) }
        strip.addView(item)
    }

    private fun renderOverlay(state: ScreenState) {
        show(overlayPanel, state.measuring)
        val text = when {
            !state.overlay -> ""
            state.report == null -> resources.getString(R.string.overlay_waiting)
            else -> lines(state.report)
        }
        if (overlay.contentDescription != null && overlay.text.toString() == text) return
        overlay.text = text
        overlay.setCompoundDrawablesRelativeWithIntrinsicBounds(
            if (state.overlay) 0 else R.drawable.ic_measurements, 0, 0, 0)
        overlay.contentDescription = if (!state.overlay) resources.getString(R.string.overlay_hidden)
            else resources.getString(R.string.overlay_shown, text)
    }

    private fun lines(report: Report): String {
        val fallback = report.fallback
        val accelerator = when {
            report.accelerator == Accelerator.GPU -> resources.getString(R.string.overlay_gpu)
            fallback == null -> resources.getString(R.string.overlay_cpu)
            else -> resources.getString(R.string.overlay_fallback, firstLine(fallback))
        }
        val first = listOf(
            resources.getString(R.string.overlay_speed, report.framesPerSecond), accelerator,
            resources.getQuantityString(R.plurals.overlay_faces, report.faces, report.faces))
        val stages = report.stagesMs.map { (stage, ms) -> resources.getString(R.string.overlay_stage, stage, ms) }
        return (first + stages).joinToString("\n")
    }

    private fun renderMessage(state: ScreenState) {
        val text = state.message?.let(::sentence) ?: state.trouble?.let(::sentence)
            ?: if (state.mode == Mode.Live) sentence(state.permission) else null
        show(messagePanel, text != null)
        if (text != null) say(message, text)
        show(remedy, state.remedy != null)
        when (state.remedy) {
            Remedy.DISMISS -> say(remedy, resources.getString(R.string.dismiss))
            Remedy.ASK_AGAIN -> say(remedy, resources.getString(R.string.ask_again))
            Remedy.OPEN_SETTINGS -> say(remedy, resources.getString(R.string.open_settings))
            null -> Unit
        }
    }

    private fun sentence(permission: Permission): String? = when (permission) {
        Permission.GRANTED -> null
        Permission.UNASKED, Permission.ASKING -> resources.getString(R.string.permission_asking)
        Permission.DENIED -> resources.getString(R.string.permission_denied)
        Permission.BLOCKED -> resources.getString(R.string.permission_blocked)
    }

    private fun sentence(trouble: CameraTrouble): String = resources.getString(
        when (trouble) {
            CameraTrouble.NONE_FOUND -> R.string.no_camera
            CameraTrouble.IN_USE -> R.string.camera_in_use
            CameraTrouble.DISABLED -> R.string.camera_disabled
            CameraTrouble.LOST -> R.string.camera_lost
            CameraTrouble.FAILED -> R.string.camera_failed
        })

    private fun sentence(message: Message): String = when (message.notice) {
        Notice.NO_STYLES -> resources.getString(R.string.no_styles)
        Notice.PHOTO_FAILED -> resources.getString(R.string.photo_failed)
        Notice.PICTURE_UNREADABLE -> resources.getString(R.string.picture_unreadable)
        Notice.DRAWING_FAILED -> resources.getString(R.string.drawing_failed, firstLine(message.detail))
        Notice.OUT_OF_MEMORY -> resources.getString(R.string.out_of_memory)
        Notice.DRAWING_GONE -> resources.getString(R.string.drawing_gone)
        Notice.SAVE_FAILED -> resources.getString(R.string.save_failed)
        Notice.NO_APP -> resources.getString(R.string.no_app)
    }

    /** What TensorFlow Lite has to say can be pages. */
    private fun firstLine(text: String): String = text.trim().substringBefore('\n')

    private fun renderWork(mode: Mode) {
        val working = mode as? Mode.Working
        show(workingPanel, working != null || mode == Mode.Capturing)
        workingProgress.isIndeterminate = working == null
        val percent = ((working?.progress ?: 0f) * 100).roundToInt()
        workingProgress.progress = percent
        say(workingText, if (working == null) resources.getString(R.string.taking)
            else resources.getString(R.string.drawing, percent))
    }

    /** A text that stays the same asks for no new layout. */
    private fun say(view: TextView, text: String) {
        if (view.text.toString() != text) view.text = text
    }

    private fun show(view: View, shown: Boolean) {
        view.visibility = if (shown) View.VISIBLE else View.GONE
    }

    /** A bar in percent with a label that says what it is set to. */
    private inner class Slider(
        private val bar: SeekBar, private val label: TextView, private val name: Int,
        private val moved: (Float) -> Unit,
    ) : SeekBar.OnSeekBarChangeListener {
        init {
            bar.setOnSeekBarChangeListener(this)
        }

        fun render(percent: Int) {
            if (bar.progress != percent) bar.progress = percent
            val said = resources.getString(R.string.percent, percent)
            val text = resources.getString(R.string.slider_label, resources.getString(name), said)
            if (label.text.toString() == text) return
            label.text = text
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) bar.stateDescription = said
            else bar.contentDescription = text
        }

        override fun onProgressChanged(bar: SeekBar, percent: Int, fromUser: Boolean) {
            if (fromUser) moved(percent / 100f)
        }

        override fun onStartTrackingTouch(bar: SeekBar) = Unit

        override fun onStopTrackingTouch(bar: SeekBar) = Unit
    }
}
