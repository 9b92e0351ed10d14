/* useChat of AI SDK 7, in a page: window.chat() asks and tells the end. */

import { createElement, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { useChat } from '@ai-sdk/react-4';
import * as ai from 'ai-7';

import { uiMessageChat } from './ui.mjs';


window.chat = uiMessageChat({ ai, useChat, useEffect, createElement,
                              createRoot });
