// Line icons on a 24 by 24 grid, drawn with the colour of the text around them.
const PATHS = {
    microphone: '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>',
    'microphone-off':
        '<path d="M9 9v2a3 3 0 0 0 4.6 2.5M15 11V6a3 3 0 0 0-5.9-.8M5.5 11.5a6.5 6.5 0 0 0 10.7 5M18.5 11.5a6 6 0 0 1-.4 2.2M12 18v3M4 4l16 16"/>',
    camera: '<rect x="3" y="6.5" width="12.5" height="11" rx="2.5"/><path d="m15.5 10.5 5-3v9l-5-3"/>',
    'camera-off':
        '<path d="M11 6.5h2a2.5 2.5 0 0 1 2.5 2.5v1.5l5-3v9l-3.2-1.9M15.4 15.8a2.5 2.5 0 0 1-2.4 1.7H5.5A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 2.5-2.5M4 4l16 16"/>',
    slide: '<rect x="3" y="4" width="18" height="12.5" rx="2"/><path d="M12 16.5V20M8.5 20h7M7.5 8.5h9M7.5 12h5"/>',
    screen: '<rect x="3" y="4" width="18" height="12.5" rx="2"/><path d="M9 20h6M12 13V7.5M9.5 10 12 7.5l2.5 2.5"/>',
    lock: '<rect x="5" y="10.5" width="14" height="9.5" rx="2"/><path d="M8 10.5V7.5a4 4 0 0 1 8 0v3"/>',
    unlock: '<rect x="5" y="10.5" width="14" height="9.5" rx="2"/><path d="M8 10.5V7.5a4 4 0 0 1 7.7-1.5"/>',
    leave: '<path d="M14 4H7a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7M10.5 12H20M16.5 8.5 20 12l-3.5 3.5"/>',
    end: '<circle cx="12" cy="12" r="8.5"/><path d="m9 9 6 6M15 9l-6 6"/>',
    arrow: '<path d="M5 12h14M13 6l6 6-6 6"/>',
    send: '<path d="M4.5 12 20 4.5 15.5 20l-3.5-6.5zM12 13.5l8-9"/>',
    again: '<path d="M4 12a8 8 0 0 1 13.7-5.600L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.600L4 15.5M4 20v-4.5h4.5"/>',
};

/** An <svg> that screen readers skip: the words beside it say the same. */
export const icon = name => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    svg.innerHTML = PATHS[name];
    return svg;
};
